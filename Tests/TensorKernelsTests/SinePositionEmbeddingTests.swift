import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SinePositionEmbeddingTests {
  /// Height, width, channels, gap.
  @Test(arguments: [[1, 1, 4, 0], [1, 5, 16, 0], [7, 1, 12, 2], [3, 4, 256, 0], [20, 33, 30, 1], [2, 2, 2, 0]])
  func agreesWithScalar(_ shape: [Int]) {
    let y = GuardedMatrix(rows: shape[0] * shape[1], columns: shape[2], gap: shape[3])
    sinePositionEmbedding(height: shape[0], width: shape[1], into: y.view)
    let expected = Scalar.sinePositionEmbedding(height: shape[0], width: shape[1], channels: shape[2])
    expectClose(y.values, expected, shape: [shape[0], shape[1], shape[2]], absolute: 2e-6, relative: 0)
    y.expectGuardsIntact()
  }

  /// Of numbers that any processor must compute: FNV-1a over the bits.
  @Test func hasTheSameBitsEverywhere() {
    let y = GuardedMatrix(rows: 20 * 33, columns: 256)
    sinePositionEmbedding(height: 20, width: 33, into: y.view)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for value in y.values { hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3 }
    #expect(hash == 0x4dda_2e1f_aaff_a838)
  }
}
