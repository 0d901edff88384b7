import Foundation
import MaskMerging
import TestSupport
import Testing

/// Edge controls against their definitions, pixel by pixel.
@Suite(.timeLimit(.minutes(10))) struct EdgeControlsTests {
  static let sizes = [(1, 1), (1, 20), (23, 1), (17, 9), (40, 70)]

  private func matte(_ values: [Float], _ width: Int, _ height: Int) throws -> Matte {
    Matte(try Mask(width: width, height: height, probabilities: values))
  }

  /// The largest value within a disc.
  private func dilated(_ values: [Float], _ width: Int, _ height: Int, radius: Int) -> [Float] {
    values.indices.map { place in
      var most: Float = 0
      for dy in -radius...radius {
        for dx in -radius...radius where dx * dx + dy * dy <= radius * radius {
          let (x, y) = (place % width + dx, place / width + dy)
          if x >= 0, x < width, y >= 0, y < height { most = max(most, values[y * width + x]) }
        }
      }
      return most
    }
  }

  @Test(arguments: sizes, [1, 2.25, 5, 30] as [Float])
  func growthIsTheLargestValueOfADisc(size: (Int, Int), pixels: Float) throws {
    let (width, height) = size
    let values = randomProbabilities(width, height, seed: 3).map { $0 > 0.9 ? $0 : $0 / 10 }
    let (near, far) = (Int(pixels), Int(pixels.rounded(.up)))
    let share = pixels - Float(near)
    func grown(_ values: [Float]) -> [Float] {
      zip(dilated(values, width, height, radius: near), dilated(values, width, height, radius: far))
        .map { $0 + ($1 - $0) * share }
    }
    let matte = try matte(values, width, height)
    expectClose(try matte.adjusted(EdgeControls(grow: pixels)).values, grown(values))
    expectClose(
      try matte.adjusted(EdgeControls(grow: -pixels)).values, grown(values.map { 1 - $0 }).map { 1 - $0 })
  }

  @Test(arguments: sizes, [0.3, 1, 4.5] as [Float])
  func featherIsAGaussian(size: (Int, Int), deviation: Float) throws {
    let (width, height) = size
    let values = randomProbabilities(width, height, seed: 5)
    let radius = max(Int((3 * deviation).rounded(.up)), 1)
    let weights = (-radius...radius).map { exp(-Double($0 * $0) / Double(2 * deviation * deviation)) }
    let total = weights.reduce(0, +) * weights.reduce(0, +)
    let expected = values.indices.map { place in
      var sum = 0.0
      for (i, dy) in (-radius...radius).enumerated() {
        for (j, dx) in (-radius...radius).enumerated() {
          let (x, y) = (min(max(place % width + dx, 0), width - 1), min(max(place / width + dy, 0), height - 1))
          sum += weights[i] * weights[j] * Double(values[y * width + x])
        }
      }
      return Float(sum / total)
    }
    expectClose(try matte(values, width, height).adjusted(EdgeControls(feather: deviation)).values, expected)
  }

  @Test func clipsStretchWhatLiesBetween() throws {
    let matte = try matte([0, 0.2, 0.25, 0.5, 0.75, 0.9], 6, 1)
    let clipped = try matte.adjusted(EdgeControls(blackClip: 0.25, whiteClip: 0.75))
    expectClose(clipped.values, [0, 0, 0, 0.5, 1, 1])
    #expect(try matte.adjusted(EdgeControls()).values == matte.values)
  }

  @Test(
    arguments: [
      EdgeControls(grow: 257), EdgeControls(grow: .nan), EdgeControls(feather: -1), EdgeControls(feather: .infinity),
      EdgeControls(blackClip: 0.5, whiteClip: 0.5), EdgeControls(blackClip: -1), EdgeControls(whiteClip: .nan),
    ])
  func whatCannotBeIsRefused(controls: EdgeControls) {
    expectError(.invalidOption) { _ = try matte([0.5], 1, 1).adjusted(controls) }
  }
}
