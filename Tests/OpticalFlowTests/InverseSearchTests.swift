import Foundation
import ImageCoding
import KernelTestSupport
import OpticalFlow
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct InverseSearchTests {
  /// Mean endpoint errors of OpenCV's DIS without its variational refinement; see make_fixtures.py.
  private func errorsOfOpenCV() throws -> [String: Float] {
    let url = try #require(Bundle.module.url(forResource: "opencv", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode([String: Float].self, from: Data(contentsOf: url))
  }

  @Test(arguments: KnownMotion.names) func isAsAccurateAsOpenCV(name: String) throws {
    let motion = try KnownMotion(name)
    let field = FlowField(from: FlowPyramid(motion.first), to: FlowPyramid(motion.second))
    let (error, other) = (motion.endpointError(field), try #require(errorsOfOpenCV()[name]))
    #expect(error <= 1.35 * other + 0.02, "\(name): \(error) pixels, OpenCV \(other)")
  }

  @Test(arguments: [(8, 8), (9, 13), (17, 33), (31, 67), (64, 40)]) func findsAShiftAtOddSizes(width: Int, height: Int)
  {
    var generator = SeededGenerator(width * 100 + height)
    // Smooth, so that a shift of a pixel is not a jump.
    let noise = GrayPlane(
      width: width + 8, height: height + 8, values: generator.floats((width + 8) * (height + 8), in: 0...255))
    func cut(_ x: Int, _ y: Int) -> GrayPlane {
      let values = (0..<width * height).map { place in
        let (column, row) = (place % width + x, place / width + y)
        return (0..<9).reduce(Float(0)) { $0 + noise[x: column + $1 % 3, y: row + $1 / 3] } / 9
      }
      return GrayPlane(width: width, height: height, values: values)
    }
    let field = FlowField(from: FlowPyramid(cut(3, 3)), to: FlowPyramid(cut(2, 3)))
    #expect(field.width == width && field.height == height)
    // What is at (x, y) is at (x + 1, y).
    let error = field.vectors.reduce(Float(0)) { $0 + abs($1.x - 1) + abs($1.y) } / Float(width * height)
    #expect(error < 0.5)
  }

  @Test func picturesThatCannotBeComparedDoNotMove() {
    let (small, large) = (GrayPlane(width: 5, height: 9, values: Array(repeating: 1, count: 45)), flat)
    #expect(FlowField(from: FlowPyramid(small), to: FlowPyramid(small)) == FlowField(width: 5, height: 9))
    #expect(FlowField(from: FlowPyramid(small), to: FlowPyramid(large)) == FlowField(width: 5, height: 9))
    // Nor does a picture of one color.
    #expect(FlowField(from: FlowPyramid(large), to: FlowPyramid(large)) == FlowField(width: 40, height: 30))
  }

  private var flat: GrayPlane { GrayPlane(width: 40, height: 30, values: Array(repeating: 77, count: 1200)) }

  @Test func thePyramidOfAFrameIsAsFineForAllSizes() throws {
    for (width, height, cell) in [(1920, 1080, 4), (1280, 720, 4), (640, 360, 2), (3840, 2160, 8), (7, 5, 1)] {
      let pyramid = FlowPyramid(try RGBImage(width: width, height: height, filledWith: (10, 20, 30)))
      #expect(pyramid.cell == cell)
      #expect(pyramid.finest.width == (width + cell - 1) / cell)
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct PatchTests {
  @Test func fitsAsTheScalarTwinDoes() {
    var generator = SeededGenerator(7)
    let (width, height) = (23, 19)
    let from = generator.floats(width * height, in: 0...255)
    let to = generator.floats(width * height, in: 0...255)
    // With a border of one's own, as the search has it.
    let stride = width + 4
    func bordered(_ values: [Float]) -> [Float] {
      (0..<stride * (height + 4)).map { place in
        let (x, y) = (place % stride - 2, place / stride - 2)
        return values[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]
      }
    }
    let (first, second) = (bordered(from), bordered(to))
    for (x, y, displacement) in [
      (0, 0, SIMD2<Double>(0.25, 0.5)), (15, 11, SIMD2(-3.5, -2.25)), (4, 6, SIMD2(2, 3.75)),
    ] {
      let whole = SIMD2(Int(displacement.x.rounded(.down)), Int(displacement.y.rounded(.down)))
      let share = SIMD2(Float(displacement.x) - Float(whole.x), Float(displacement.y) - Float(whole.y))
      let fit = first.withUnsafeBufferPointer { first in
        second.withUnsafeBufferPointer { second -> Patch.Fit? in
          guard let here = first.baseAddress, let there = second.baseAddress else { return nil }
          let patch = Patch(here + (y + 2) * stride + x + 2, stride: stride)
          return patch.fit(there + (y + 2 + whole.y) * stride + x + 2 + whole.x, stride: stride, share: share)
        }
      }
      let twin = Scalar.patchFit(
        from: from, to: to, width: width, height: height, x: x, y: y, edge: Patch.edge, displacement: displacement,
        damping: 16)
      #expect(abs(Double(fit?.cost ?? 0) - twin.cost) < 1e-5 * twin.cost)
      #expect(abs(Double(fit?.step.x ?? 9) - twin.step.x) < 1e-5)
      #expect(abs(Double(fit?.step.y ?? 9) - twin.step.y) < 1e-5)
    }
  }
}
