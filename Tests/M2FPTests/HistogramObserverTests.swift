import M2FP
import TensorCore
import TestSupport
import Testing

/// Histograms, and the ranges that are chosen from them.
@Suite(.timeLimit(.minutes(10))) struct ValueHistogramTests {
  private func histogram(_ values: [Float]) -> HistogramObserver {
    var histogram = HistogramObserver()
    let constant = Constant(values)
    withExtendedLifetime(constant) { histogram.add(Matrix(constant, rows: 1, columns: values.count)) }
    return histogram
  }

  /// Counts do not depend on the order and grouping of the values, however different their magnitudes.
  @Test func theOrderOfValuesDoesNotMatter() {
    var random = SeededGenerator(4)
    let scales: [Float] = [1e-3, 7, 0.3, 4000, 1]
    let parts = scales.map { scale in random.floats(500, in: -scale...scale) }
    let whole = histogram(parts.flatMap(\.self))
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 0, 4, 1, 2]] {
      var merged = HistogramObserver()
      for index in order { merged.merge(histogram(parts[index])) }
      #expect(merged == whole)
    }
  }

  @Test(
    arguments: [
      ([Float.nan], true), ([1, .infinity], true), ([-.infinity, 0], true), ([2, .nan, 3], true), ([], false),
      ([0, -0.0], false),
      ([.greatestFiniteMagnitude, -.greatestFiniteMagnitude], false),
      ([.leastNonzeroMagnitude, -.leastNonzeroMagnitude], false),
    ] as [([Float], Bool)])
  func whatIsNotFiniteIsNoticed(values: [Float], isTainted: Bool) {
    let histogram = histogram(values)
    #expect(histogram.isTainted == isTainted)
    for method in CalibrationMethod.allCases where !isTainted {
      let quantization = method.quantization(of: histogram)
      #expect(quantization.scale.isFinite && quantization.scale > 0, "\(method) of \(values)")
    }
  }

  @Test func minMaxHoldsEverything() {
    let quantization = CalibrationMethod.minMax.quantization(of: histogram([-1, 0.5, 3]))
    #expect(quantization == QuantizationParameters(scale: 4 / 255, zeroPoint: 64))
  }

  @Test(arguments: CalibrationMethod.allCases)
  func whatIsNeverNegativeHasZeroPointZero(method: CalibrationMethod) {
    var random = SeededGenerator(8)
    let values = random.floats(4000, in: -3...5).map { max($0, 0) }
    #expect(method.quantization(of: histogram(values)).zeroPoint == 0)
  }

  /// A single outlier is clipped.
  @Test func outliersAreCutOff() {
    var random = SeededGenerator(2)
    let all = histogram(random.floats(20_000, in: -1...1) + [100])
    #expect(CalibrationMethod.minMax.quantization(of: all).scale > 0.3)
    for method in [CalibrationMethod.percentile999, .percentile9999] {
      #expect(abs(method.quantization(of: all).scale - 2 / 255) < 1e-4, "\(method)")
    }
    let least = CalibrationMethod.meanSquareError.quantization(of: all).scale
    #expect(least < CalibrationMethod.minMax.quantization(of: all).scale)
  }
}
