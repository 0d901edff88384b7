import Checkpoints
package import Foundation
package import ImageCoding
package import M2FP
import Platform
import TensorCore
import TensorKernels

/// Quantizes a weights file to int8: calibrates the network on pictures, chooses ranges, writes the file, and compares both
/// networks on pictures that were held out of the calibration.
///
/// Forward passes run side by side, each on one thread, so that the result does not depend on the number of threads.
package final class WeightsQuantizer {
  /// Settings of a quantization.
  package struct Options: Sendable {
    /// Calibration methods and layers that stay in fp32.
    package var quantizer = Quantizer.Options()
    /// Threads that passes run on; `nil` takes every processor that the process may use.
    package var threads: Int?

    package init() {}
  }

  private let file: WeightsFile
  private let network: M2FPNetwork
  private let quantizer: Quantizer
  private let preprocessing: Preprocessing
  private let pool: WorkerPool
  private var calibration: Calibration
  private var waiting: [Preprocessing.Prepared] = []
  private var passes = 0
  private var heldOut: [HeldOut] = []
  private let holdsOut: Bool

  /// A picture to compare networks on, and the label map that the fp32 network predicts.
  private struct HeldOut {
    let picture: Preprocessing.Prepared
    let labels: [UInt8]
  }

  /// One picture in so many is kept for the comparison.
  private static let holdOutInterval = 5

  /// - Parameters:
  ///   - weights: A file that `m2fp convert` wrote.
  ///   - pictures: How many there will be.
  /// - Throws: `HumanParsingError`, or `M2FPError` where the options make no sense for the file.
  package init(weights: URL, pictures: Int, options: Options = Options()) throws {
    pool = try HumanParser.pool(threads: options.threads)
    do {
      file = try WeightsFile(weights)
      quantizer = try Quantizer(file, options.quantizer)
      network = try M2FPNetwork(file, pool: pool)
    } catch let error as CheckpointError {
      throw HumanParsingError(weights: error)
    }
    preprocessing = Preprocessing(configuration: file.configuration)
    holdsOut = pictures >= Self.holdOutInterval
    calibration = Calibration(
      of: file.configuration, pictures: holdsOut ? pictures - pictures / Self.holdOutInterval : pictures)
  }

  /// Adds a picture to the calibration or to those that are held out; passes begin once there is one for each thread.
  package func add(_ image: RGBImage) throws {
    waiting.append(try preprocessing(image, pool: pool))
    if waiting.count == pool.threads { try runPasses() }
  }

  /// Number of pictures that ranges are chosen by.
  package var pictures: Int { passes - heldOut.count + waiting.count }

  /// Chooses ranges, writes the file, and compares the two networks.
  ///
  /// - Parameters:
  ///   - output: The file; it appears whole or not at all.
  ///   - program: The version to record.
  ///   - check: Called before each step and each tensor; throws to stop, so that no file appears.
  package func write(
    to output: URL, program: String, check: () throws -> Void = {}
  ) throws -> QuantizationReport {
    if !waiting.isEmpty { try runPasses() }
    try check()
    let quantized = try quantizer.quantize(calibration, pool: pool)
    let record = QuantizationRecord(quantized, program: program)
    try QuantizedFileWriter(file, layers: quantized.layers).write(
      record: record.json(), to: output.path, check: check)
    return QuantizationReport(
      source: file.name, output: output.lastPathComponent, record: record, comparedPictures: heldOut.count,
      agreement: try agreement(with: WeightsFile(output)))
  }

  private func runPasses() throws {
    let pictures = waiting
    waiting = []
    let isHeldOut = pictures.indices.map {
      holdsOut && (passes + $0) % Self.holdOutInterval == Self.holdOutInterval - 1
    }
    let observers = pictures.indices.map { isHeldOut[$0] ? nil : calibration.pass(picture: passes + $0) }
    let labels = try labels(of: pictures, network, observers: observers)
    passes += pictures.count
    for (index, observer) in observers.enumerated() {
      if let observer {
        calibration.add(observer)
      } else {
        heldOut.append(HeldOut(picture: pictures[index], labels: labels[index]))
      }
    }
  }

  /// The share of pixels of people, in either of the two label maps, that have the same class in both; nil where there
  /// was nothing to compare.
  private func agreement(with file: WeightsFile) throws -> Double? {
    let network = try M2FPNetwork(file, pool: pool)
    var (same, all) = (0, 0)
    for start in stride(from: 0, to: heldOut.count, by: pool.threads) {
      let group = heldOut[start..<min(start + pool.threads, heldOut.count)]
      let labels = try labels(of: group.map(\.picture), network)
      for (expected, found) in zip(group.map(\.labels), labels) {
        for (expected, found) in zip(expected, found) where expected != 0 || found != 0 {
          all += 1
          if expected == found { same += 1 }
        }
      }
    }
    return all > 0 ? Double(same) / Double(all) : nil
  }

  /// The label maps of some pictures at the network's size, each computed on a thread of its own.
  private func labels(
    of pictures: [Preprocessing.Prepared], _ network: M2FPNetwork, observers: [CalibrationObserver?] = []
  ) throws -> [[UInt8]] {
    let oneThread = WorkerPool.shared(threads: 1)
    let preprocessing = preprocessing
    // Each pass has an observer of its own.
    nonisolated(unsafe) let observers = observers
    let results = pool.map(pictures.count) { index, _ in
      Result {
        let output = try Self.output(
          of: pictures[index], preprocessing, network, observer: index < observers.count ? observers[index] : nil,
          on: oneThread)
        return try Parsing(
          output: output, geometry: pictures[index].geometry.atInputSize,
          options: InferenceOptions(network.configuration.model), pool: oneThread
        ).labelMap.indices
      }
    }
    return try results.map { try $0.get() }
  }

  private static func output(
    of picture: Preprocessing.Prepared, _ preprocessing: Preprocessing, _ network: M2FPNetwork,
    observer: (any LayerObserver)?, on pool: WorkerPool
  ) throws -> M2FPOutput {
    let arena = Arena()
    let input = preprocessing.normalized(picture, arena: arena, pool: pool)
    return try network(input, ExecutionContext(arena: arena, pool: pool, observer: observer))
  }
}

/// Report of a quantization, as `m2fp quantize` prints it.
package struct QuantizationReport: Encodable, Sendable {
  /// Names of the files.
  package var source: String
  package var output: String
  /// As it stands in the file.
  package var record: QuantizationRecord
  /// Pictures that the networks were compared on.
  package var comparedPictures: Int
  /// Share of the pixels of people that have the same class in both networks' label maps; nil where none were compared.
  package var agreement: Double?

  private enum CodingKeys: String, CodingKey {
    case source, output, agreement
    case record = "quantization"
    case comparedPictures = "compared_pictures"
  }
}

extension InputGeometry {
  /// The same, as if the photo had the size that it has in the network's input.
  fileprivate var atInputSize: InputGeometry {
    InputGeometry(
      paddedHeight: paddedHeight, paddedWidth: paddedWidth, rows: rows, columns: columns, sourceHeight: rows.count,
      sourceWidth: columns.count)
  }
}
