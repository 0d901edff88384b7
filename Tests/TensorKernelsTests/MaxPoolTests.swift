import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct MaxPoolTests {
  /// Height, width, channels, kernel, stride, padding.
  static let shapes = [
    [1, 1, 1, 1, 1, 0], [1, 1, 3, 3, 2, 1], [2, 9, 8, 3, 2, 1], [9, 2, 9, 3, 2, 1], [12, 13, 16, 3, 2, 1],
    [13, 12, 7, 2, 2, 0], [11, 11, 17, 3, 1, 1], [10, 7, 4, 5, 3, 2],
  ]

  @Test(arguments: shapes) func agreesWithScalar(_ s: [Int]) {
    var random = SeededGenerator(s[0] + s[1])
    // All negative: padding must not count as 0.
    let x = random.floats(s[0] * s[1] * s[2], in: -2 ... -1)
    let input = GuardedMatrix(rows: s[0] * s[1], columns: s[2], values: x)
    let expected = Scalar.maxPool(
      x, height: s[0], width: s[1], channels: s[2], kernel: s[3], stride: s[4], padding: s[5])
    withExecutions { context in
      let y = maxPool(input.map(height: s[0], width: s[1]), kernel: s[3], stride: s[4], padding: s[5], context)
      #expect(y.height * y.width * y.channels == expected.count)
      expectClose(Array(y.elements), expected, shape: [y.height, y.width, y.channels], absolute: 0, relative: 0)
    }
  }

  @Test(arguments: shapes) func poolsBytes(_ s: [Int]) {
    var random = SeededGenerator(s[0] * s[1])
    let x = random.bytes(s[0] * s[1] * s[2])
    let quantization = QuantizationParameters(scale: 0.5, zeroPoint: 200)
    let input = GuardedBytes(height: s[0], width: s[1], channels: s[2], quantization, values: x)
    let expected = Scalar.maxPool(
      x.map(Float.init), height: s[0], width: s[1], channels: s[2], kernel: s[3], stride: s[4], padding: s[5])
    withExecutions { context in
      let y = maxPool(input.map, kernel: s[3], stride: s[4], padding: s[5], context)
      #expect(y.quantization == quantization)
      #expect((0..<y.map.count).map { Float(y.map.base[$0]) } == expected)
    }
  }
}
