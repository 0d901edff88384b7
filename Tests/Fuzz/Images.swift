// Decoders of pictures, and what they read beside the pixels.

let targets: [String: @Sendable ([UInt8]) -> Void] = [
  // With sound checksums, so that a change gets past them.
  "png": { decode(withPNGChecksums($0)) },
  "jpeg": { decode($0) },
  "webp": { decode($0) },
  "tiff": { decode($0) },
  "heif": { decode($0) },
  "labels": { bytes in
    _ = bytes.withUnsafeBytes { bytes in
      Result { try PNGReader.readIndices(bytes, name: "fuzz", limits: limits) }
    }
  },
  "exif": { bytes in
    bytes.withUnsafeBytes { bytes in
      _ = EXIF.orientation(bytes)
      _ = XMP.orientation(bytes)
    }
  },
  "icc": { bytes in
    guard let profile = ColorProfile(bytes) else { return }
    // Of all colors, and of grays alone, to which profiles of grays are applied.
    for pixels in [Array(0..<18), [UInt8](repeating: 7, count: 18)] {
      guard var image = try? RGBImage(width: 2, height: 3, pixels: pixels) else { return }
      _ = profile.apply(to: &image)
    }
  },
]

private let limits = {
  var limits = ImageLimits()
  limits.maximumPixels = 1 << 20
  return limits
}()

private func decode(_ bytes: [UInt8]) {
  do {
    let decoded = try ImageDecoder.decode(bytes: bytes, name: "fuzz", limits: limits, colors: .srgb)
    let count = decoded.image.width * decoded.image.height
    require(count > 0 && count <= limits.maximumPixels && decoded.image.pixels.count == 3 * count, "\(count) pixels")
    require(decoded.alpha.map { $0.pixels.count == count } ?? true, "alpha of another size")
  } catch {
    require(error is ImageCodingError, "\(error)")
  }
  _ = bytes.withUnsafeBytes { EncodedPicture.isFollowedByAnother($0) }
}
