import BenchmarkSupport
import Foundation
import TensorCore

/// A synthetic network input: independent standard normal numbers, the distribution to which pixels are normalized.
enum SyntheticPicture {
  static func tensor(_ size: InputSize, arena: Arena) -> Tensor<Float> {
    let image = arena.tensor(height: size.height, width: size.width, channels: 3)
    fill(image.map)
    return image
  }

  /// Fills the image by the Box–Muller method (1958).
  private static func fill(_ image: FeatureMap<Float>) {
    var generator = SplitMix64(seed: 1)
    for index in 0..<image.count {
      let radius = (-2 * log(1 - Float.random(in: 0..<1, using: &generator))).squareRoot()
      image.base[index] = radius * cos(2 * .pi * Float.random(in: 0..<1, using: &generator))
    }
  }
}
