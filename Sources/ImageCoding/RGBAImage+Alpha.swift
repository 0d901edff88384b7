extension RGBAImage {
  /// The image with its alpha multiplied by another one; as it is where their sizes differ.
  package func multipliedAlpha(by other: GrayImage) throws -> RGBAImage { try withAlpha(times: other) }
}

extension RGBA16Image {
  /// The image with its alpha multiplied by another one; as it is where their sizes differ.
  package func multipliedAlpha(by other: Gray16Image) throws -> RGBA16Image { try withAlpha(times: other) }
}

extension SampledImage {
  fileprivate func withAlpha<Alpha: SampledImage>(times other: Alpha) throws -> Self where Alpha.Sample == Sample {
    guard other.width == width, other.height == height else { return self }
    let most = UInt32(Sample.max)
    return try Self(width: width, height: height) { target in
      _ = target.update(fromContentsOf: pixels)
      for (index, factor) in other.pixels.enumerated() where factor < Sample.max {
        let alpha = UInt32(target[4 * index + 3]) * UInt32(factor)
        target[4 * index + 3] = Sample(truncatingIfNeeded: (alpha + most / 2) / most)
      }
    }
  }
}
