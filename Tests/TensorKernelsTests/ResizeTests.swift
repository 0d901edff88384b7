import TensorCore
import TensorKernels
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ResizeTests {
  /// Height, width, channels, new height, new width.
  static let shapes = [
    [1, 1, 1, 1, 1], [1, 1, 3, 4, 5], [4, 5, 3, 1, 1], [3, 7, 8, 6, 14], [5, 6, 9, 5, 6], [8, 3, 17, 13, 20],
    [20, 13, 4, 8, 3], [2, 100, 2, 4, 31], [9, 9, 33, 18, 9],
  ]

  @Test(arguments: shapes, [false, true]) func bilinearAgreesWithScalar(_ s: [Int], _ accumulate: Bool) {
    expect(s, accumulate, bilinearResize, absolute: 1e-5) { x in
      Scalar.bilinearResize(x, height: s[0], width: s[1], channels: s[2], toHeight: s[3], toWidth: s[4])
    }
  }

  @Test(arguments: shapes, [false, true]) func nearestAgreesWithScalar(_ s: [Int], _ accumulate: Bool) {
    expect(s, accumulate, nearestResize, absolute: 0) { x in
      Scalar.nearestResize(x, height: s[0], width: s[1], channels: s[2], toHeight: s[3], toWidth: s[4])
    }
  }

  private func expect(
    _ s: [Int], _ accumulate: Bool, _ resize: (FeatureMap<Float>, FeatureMap<Float>, Bool, ExecutionContext) -> Void,
    absolute: Float,
    scalar: ([Float]) -> [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var random = SeededGenerator(s[0] + s[3])
    let x = random.floats(s[0] * s[1] * s[2])
    let before = random.floats(s[3] * s[4] * s[2])
    let input = GuardedMatrix(rows: s[0] * s[1], columns: s[2], values: x)
    let expected = Scalar.finish(scalar(x), residual: accumulate ? before : nil, relu: false)
    withExecutions { context in
      let output = GuardedMatrix(rows: s[3] * s[4], columns: s[2], values: before)
      resize(input.map(height: s[0], width: s[1]), output.map(height: s[3], width: s[4]), accumulate, context)
      expectClose(
        output.values, expected, shape: [s[3], s[4], s[2]], absolute: absolute, relative: 0,
        sourceLocation: sourceLocation)
      output.expectGuardsIntact(sourceLocation: sourceLocation)
    }
  }
}
