/// Size and samples of an image, in rows without padding; the storage of all image types.
struct PixelStorage<Sample: FixedWidthInteger & BitwiseCopyable & Sendable>: Sendable, Equatable {
  let width: Int
  let height: Int
  var samples: [Sample]

  /// - Throws: `ImageCodingError` unless the size is at least 1 × 1 and `samples` has `channels` values for each pixel.
  init(width: Int, height: Int, channels: Int, samples: [Sample]) throws {
    let count = try Self.count(width: width, height: height, channels: channels)
    guard samples.count == count else {
      throw ImageCodingError(
        .invalidSize,
        "An image of \(width) × \(height) with \(channels) values a pixel takes \(count) of them, not \(samples.count)")
    }
    (self.width, self.height, self.samples) = (width, height, samples)
  }

  /// Samples that are initialized by `fill`, which has to write all of them.
  init(width: Int, height: Int, channels: Int, fill: (UnsafeMutableBufferPointer<Sample>) throws -> Void) throws {
    _ = try Self.count(width: width, height: height, channels: channels)
    try self.init(width, by: height, channels: channels, fill: fill)
  }

  /// As `init(width:height:channels:fill:)`, for a size that is known to be valid.
  init(
    _ width: Int, by height: Int, channels: Int, fill: (UnsafeMutableBufferPointer<Sample>) throws -> Void
  ) rethrows {
    let count = width * height * channels
    (self.width, self.height) = (width, height)
    samples = try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Largest storage; no real image is larger, and no offset within it overflows.
  private static var maximumBytes: Int { 1 << 34 }

  static func count(width: Int, height: Int, channels: Int) throws -> Int {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let (count, again) = pixels.multipliedReportingOverflow(by: channels * MemoryLayout<Sample>.stride)
    guard width > 0, height > 0, !overflow, !again, count <= Self.maximumBytes else {
      throw ImageCodingError(
        .invalidSize, "An image takes at least 1 × 1 pixels and at most 16 GiB, not \(width) × \(height) pixels")
    }
    return count / MemoryLayout<Sample>.stride
  }
}
