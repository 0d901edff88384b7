import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite struct QuantizingTests {
  /// Floats beside the bytes that they become with a scale of 1 and a zero point of 2.
  static let cases: [(value: Float, byte: UInt8)] = [
    (-3, 0), (-2, 0), (-1.5, 0), (-0.5, 2), (0, 2), (0.5, 2), (1.5, 4), (2.5, 4), (252.4, 254), (252.6, 255),
    (253, 255), (300, 255), (1e9, 255), (3e9, 255), (1e30, 255), (.infinity, 255), (-1e9, 0), (-3e9, 0), (-1e30, 0),
    (-.infinity, 0), (.nan, 0),
  ]

  /// At every place of a vector, and behind the last whole one.
  @Test(arguments: InstructionSet.available, [1, 7, 8, 31, 32, 63, 64, 200])
  func roundsToTheNearestByte(_ instructions: InstructionSet, _ count: Int) {
    let execution = Execution(arena: Arena(), pool: .shared(threads: 1), instructions: instructions)
    for shift in 0..<Self.cases.count {
      let expected = (0..<count).map { Self.cases[($0 + shift) % Self.cases.count] }
      let x = GuardedMatrix(rows: 1, columns: count, values: expected.map(\.value))
      let y = GuardedBytes(height: 1, width: 1, channels: count, Quantization(scale: 1, zeroPoint: 2))
      quantize(FeatureMap(x.view.base, height: 1, width: 1, channels: count), into: y.map, execution)
      #expect(y.values == expected.map(\.byte))
    }
  }
}
