import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct QuantizingTests {
  static let sizes = [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 100, 40_000]

  @Test(arguments: sizes) func roundsAsTheScalarDoes(_ count: Int) {
    var random = SeededGenerator(count)
    let quantization = QuantizationParameters(scale: 0.013, zeroPoint: 119)
    var x = random.floats(count, in: -3...3)
    let strange: [Float] = [
      0, -0.0, .infinity, -.infinity, 1e30, -1e30, 0.0065, 0.0195, -0.0065, .leastNonzeroMagnitude,
    ]
    for (index, value) in strange.enumerated() where index < count { x[index] = value }
    let floats = GuardedMatrix(rows: count, columns: 1, values: x)
    withExecutions { context in
      let bytes = GuardedBytes(height: count, width: 1, channels: 1, quantization)
      quantize(floats.map(height: count, width: 1), into: bytes.map, context)
      #expect(bytes.values == Scalar.quantize(x, quantization))
      bytes.expectGuardsIntact()
    }
  }

  /// NaN becomes 0, in whole vectors and behind them.
  @Test(arguments: sizes) func makesZeroOfNaN(_ count: Int) {
    let floats = GuardedMatrix(rows: count, columns: 1, values: [Float](repeating: .nan, count: count))
    withExecutions { context in
      let bytes = GuardedBytes(height: count, width: 1, channels: 1, QuantizationParameters(scale: 1, zeroPoint: 9))
      quantize(floats.map(height: count, width: 1), into: bytes.map, context)
      #expect(bytes.values.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: sizes) func comesBack(_ count: Int) {
    var random = SeededGenerator(count)
    let quantization = QuantizationParameters(scale: 0.25, zeroPoint: 7)
    let bytes = GuardedBytes(height: count, width: 1, channels: 1, quantization, values: random.bytes(count))
    withExecutions { context in
      let floats = GuardedMatrix(rows: count, columns: 1)
      dequantize(bytes.map, into: floats.map(height: count, width: 1), context)
      #expect(floats.values == bytes.values.map { 0.25 * (Float($0) - 7) })
      let again = GuardedBytes(height: count, width: 1, channels: 1, quantization)
      quantize(floats.map(height: count, width: 1), into: again.map, context)
      #expect(again.values == bytes.values)
      floats.expectGuardsIntact()
    }
  }
}
