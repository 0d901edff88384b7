import KernelTestSupport
import OpticalFlow
import Testing

@Suite(.timeLimit(.minutes(10))) struct FlowFieldTests {
  @Test func warpsAsTheScalarTwinDoes() {
    var generator = SeededGenerator(3)
    for (width, height) in [(1, 1), (1, 7), (9, 5), (16, 3)] {
      let values = generator.floats(width * height, in: -8...8)
      let points = (0..<50).map { _ in
        SIMD2(
          Float.random(in: -3...Float(width + 3), using: &generator),
          Float.random(in: -3...Float(height + 3), using: &generator))
      }
      let warped = Warp(points: points, width: width, height: height)(values)
      for (value, point) in zip(warped, points) {
        let twin = Scalar.bilinearValue(
          values, width: width, height: height, x: Double(point.x), y: Double(point.y))
        #expect(abs(Double(value) - twin) < 1e-4)
      }
    }
  }

  @Test func aFieldBringsTheSecondPictureOntoTheFirst() {
    let field = FlowField(width: 3, height: 1, vectors: [SIMD2(1, 0), SIMD2(0.5, 0), SIMD2(9, 0)])
    #expect(Warp(field)([10, 20, 40]) == [20, 30, 40])
  }

  @Test func placesThatAreNoneCountAsTheFirst() {
    #expect(Warp(points: [SIMD2(.nan, .nan), SIMD2(.infinity, 0)], width: 2, height: 1)([5, 6]) == [5, 6])
  }

  @Test func fieldsFollowEachOther() {
    let first = FlowField(width: 3, height: 1, vectors: [SIMD2(1, 0), SIMD2(1, 0), SIMD2(0, 0)])
    let second = FlowField(width: 3, height: 1, vectors: [SIMD2(0, 0), SIMD2(0, 2), SIMD2(0, 4)])
    #expect(first.followed(by: second).vectors == [SIMD2(1, 2), SIMD2(1, 4), SIMD2(0, 4)])
  }

  @Test func fieldsThatDisagreeAreNotBelieved() {
    let there = FlowField(width: 4, height: 1, vectors: [SIMD2(1, 0), SIMD2(1, 0), SIMD2(1, 0), SIMD2(1, 0)])
    let back = FlowField(width: 4, height: 1, vectors: [SIMD2(0, 0), SIMD2(-1, 0), SIMD2(2, 0), SIMD2(-1, 0)])
    let consistency = there.consistency(with: back)
    #expect(consistency == [1, 0, 1, 0])
  }
}
