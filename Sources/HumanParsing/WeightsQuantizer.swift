package import Foundation
package import ImageCoding
package import M2FP

/// Quantizes a weights file to int8: calibrates the network on pictures, chooses ranges, writes the file, and compares both
/// networks on pictures that were held out of the calibration.
///
/// The result does not depend on the number of threads.
package final class WeightsQuantizer {
  /// Settings of a quantization.
  package struct Options: Sendable {
    /// Calibration methods and layers that stay in fp32.
    package var quantizer = Quantizer.Options()
    /// Threads that passes run on; `nil` takes every processor that the process may use.
    package var threads: Int?

    package init() {}
  }

  private let quantizer: Quantizer
  private let run: CalibrationRun<Calibration>

  /// - Parameters:
  ///   - weights: A file that `m2fp convert` wrote.
  ///   - pictures: How many there will be.
  /// - Throws: `HumanParsingError`, or `M2FPError` where the options make no sense for the file.
  package init(weights: URL, pictures: Int, options: Options = Options()) throws {
    run = try CalibrationRun(weights: weights, pictures: pictures, threads: options.threads) { file, pictures, _ in
      // Says what is wrong with the options before any pass.
      _ = try Quantizer(file, options.quantizer)
      return Calibration(of: file.configuration, pictures: pictures)
    }
    quantizer = try Quantizer(run.file, options.quantizer)
  }

  /// Adds a picture to the calibration or to those that are held out; passes begin once there is one for each thread.
  package func add(_ image: RGBImage) throws { try run.add(image) }

  /// Number of pictures that ranges are chosen by.
  package var pictures: Int { run.pictures }

  /// Chooses ranges, writes the file, and compares the two networks.
  ///
  /// - Parameters:
  ///   - output: The file; it appears whole or not at all.
  ///   - program: The version to record.
  ///   - check: Called before each step and each tensor; throws to stop, so that no file appears.
  package func write(
    to output: URL, program: String, check: () throws -> Void = {}
  ) throws -> QuantizationReport {
    try run.finish()
    try check()
    let quantized = try quantizer.quantize(run.statistics, pool: run.pool)
    let record = QuantizationRecord(quantized, program: program)
    try QuantizedFileWriter(run.file, layers: quantized.layers).write(
      record: record.json(), to: output.path, check: check)
    return QuantizationReport(
      source: run.file.name, output: output.lastPathComponent, record: record, comparedPictures: run.comparedPictures,
      agreement: try run.agreement(with: WeightsFile(output)))
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
