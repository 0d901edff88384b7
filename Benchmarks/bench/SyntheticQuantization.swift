import BenchmarkSupport
import Foundation
import M2FP
import TensorCore
import TensorKernels

/// Makes an int8 file as `m2fp quantize` does, but calibrated on one synthetic image: good for measuring time, which
/// does not depend on ranges, and for nothing else.
enum SyntheticQuantization {
  /// - Parameters:
  ///   - weights: An fp32 or fp16 file. All layers that may be quantized are, however large their error.
  ///   - size: Size of the synthetic image.
  static func quantize(_ weights: URL, size: InputSize, threads: Int, to output: URL) throws {
    let pool = WorkerPool.shared(threads: threads)
    let source = try WeightsFile(weights)
    let quantizer = try Quantizer(source, .init(minimumSignalToNoise: -.infinity))
    var calibration = Calibration(of: source.configuration, pictures: 1)
    calibration.add(try pass(source, size: size, calibration.pass(picture: 0), pool))
    let network = try quantizer.quantize(calibration, pool: pool)
    let record = try QuantizationRecord(network, program: "bench").json()
    try QuantizedFileWriter(source, layers: network.layers).write(record: record, to: output.path)
  }

  private static func pass(
    _ source: WeightsFile, size: InputSize, _ observer: CalibrationObserver, _ pool: WorkerPool
  ) throws -> CalibrationObserver {
    let network = try M2FPNetwork(source, pool: pool)
    let context = ExecutionContext(arena: Arena(), pool: pool, observer: observer)
    _ = try network(SyntheticPicture.tensor(size, arena: context.arena), context)
    return observer
  }
}
