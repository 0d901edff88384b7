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

extension RGBImage {
  /// The image with an alpha; opaque where that is `nil` or of another size.
  package func withAlpha(_ alpha: GrayImage?) throws -> RGBAImage { try joined(with: alpha) }
}

extension RGB16Image {
  /// The image with an alpha; opaque where that is `nil` or of another size.
  package func withAlpha(_ alpha: Gray16Image?) throws -> RGBA16Image { try joined(with: alpha) }
}

extension SampledImage {
  fileprivate func joined<Alpha: SampledImage, Layer: SampledImage>(with alpha: Alpha?) throws -> Layer
  where Alpha.Sample == Sample, Layer.Sample == Sample {
    let own = alpha.flatMap { $0.width == width && $0.height == height ? $0.pixels : nil }
    return try Layer(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { colors in
        for pixel in 0..<width * height {
          for channel in 0..<3 { target[4 * pixel + channel] = colors[3 * pixel + channel] }
          target[4 * pixel + 3] = own?[pixel] ?? .max
        }
      }
    }
  }
}
