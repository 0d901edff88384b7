import Checkpoints
package import Foundation
import HumanParsing
package import ImageCoding
import M2FP
import OpenBLAS
import TensorCore

/// Prunes a weights file: leaves out the channels inside of residual blocks and of feed-forward networks that matter least
/// on some pictures, and fits the layers that read them again, by least squares, so that their results change least.
///
/// The result depends on the pictures and, by the rounding of OpenBLAS, on the processor, but not on the number of threads.
package final class WeightsPruner {
  /// Settings of a pruning.
  package struct Options: Sendable {
    /// Share of the backbone's multiply-adds to save, from 0 to below 1.
    package var backbone = 0.2
    /// The same of the feed-forward networks of the pixel decoder.
    package var feedForward = 0.0
    /// Whether the layers that read what leaves are fitted again.
    package var fits = true
    /// Threads that passes run on; `nil` takes every processor that the process may use.
    package var threads: Int?

    package init() {}
  }

  private let options: Options
  private let library: OpenBLAS
  private let run: CalibrationRun<ChannelStatistics>
  private var file: WeightsFile { run.file }

  /// - Parameters:
  ///   - weights: A file in fp32 or fp16, pruned already or not.
  ///   - pictures: How many there will be.
  /// - Throws: `HumanParsingError`, or `M2FPError` where the file is int8 or the system has no OpenBLAS.
  package init(weights: URL, pictures: Int, options: Options = Options()) throws {
    guard let library = OpenBLAS.shared else {
      throw M2FPError(
        .missingLibrary, "pruning needs the library OpenBLAS, and the system has none: install libopenblas0-pthread")
    }
    self.options = options
    self.library = library
    run = try CalibrationRun(weights: weights, pictures: pictures, threads: options.threads) { file, pictures, pool in
      guard file.precision != WeightsFile.int8 else {
        throw M2FPError(.alreadyQuantized, "\(file.name): expected weights in fp32 or fp16 to prune, found int8")
      }
      let readers = file.description.prunableLayers.map(\.reader)
      return ChannelStatistics(of: readers, pictures: pictures, library, pool: pool)
    }
  }

  /// Adds a picture to those that channels are chosen by, or to those that are held out.
  package func add(_ image: RGBImage) throws { try run.add(image) }

  /// Number of pictures that channels are chosen by.
  package var pictures: Int { run.pictures }

  /// Chooses channels, fits weights, writes the file, and compares the two networks.
  ///
  /// - Parameters:
  ///   - output: The file; it appears whole or not at all.
  ///   - check: Called before each step and each tensor; throws to stop, so that no file appears.
  package func write(to output: URL, check: () throws -> Void = {}) throws -> PruningReport {
    try run.finish()
    try check()
    let pairs = file.description.prunableLayers
    var weights: [String: [Float]] = [:]
    for (_, reader) in pairs { weights[reader.name] = reader.rowOrder(try file.floats(reader.weightName)) }
    let plan = PruningPlan(
      file.description, weights: weights, run.statistics, backbone: options.backbone, feedForward: options.feedForward)
    var fitted: [String: (weight: [Float], bias: [Float])] = [:]
    var layers: [PruningReport.Layer] = []
    for (layer, reader) in pairs {
      guard let kept = plan.kept[layer.name] else { continue }
      try check()
      let fit = try fit(reader, weights[reader.name] ?? [], kept: kept)
      if options.fits, let fit { fitted[reader.name] = (fit.weight, fit.bias) }
      layers.append(
        .init(name: layer.name, channels: layer.outputs, kept: kept.count, loss: fit?.loss))
    }
    let writer = PrunedFileWriter(source: file, plan: plan, fitted: fitted)
    try writer.write(to: output.path, check: check)
    let pruned = try WeightsFile(output)
    return PruningReport(
      source: file.name, output: output.lastPathComponent, pictures: run.pictures, isFitted: options.fits,
      layers: layers, multiplyAdds: .init(file, pruned), parameters: [file.parameterCount, pruned.parameterCount],
      comparedPictures: run.comparedPictures, agreement: try run.agreement(with: pruned))
  }

  private func fit(
    _ reader: LayerDescription, _ weight: [Float], kept: [Int]
  ) throws -> (weight: [Float], bias: [Float], loss: LeastSquares.Loss)? {
    guard let covariance = run.statistics.covariances[reader.name], covariance.rows > 0 else { return nil }
    let bias = reader.hasBias ? try file.floats(reader.biasName) : Array(repeating: 0, count: reader.outputs)
    return LeastSquares(covariance: covariance, kept: reader.elements(of: kept), library).fit(weight, bias)
  }
}
