/// Rows of samples without padding: what all the image types are made of.
struct PixelStore<Sample: FixedWidthInteger & BitwiseCopyable & Sendable>: Sendable, Equatable {
  let width: Int
  let height: Int
  var samples: [Sample]

  /// - Throws: `ImageCodingError` unless the size is at least 1 × 1 and `samples` holds `channels` for each pixel.
  init(width: Int, height: Int, channels: Int, samples: [Sample]) throws {
    let count = try Self.count(width: width, height: height, channels: channels)
    guard samples.count == count else {
      throw ImageCodingError(
        .invalidSize,
        "An image of \(width) × \(height) with \(channels) values a pixel takes \(count) of them, not \(samples.count)")
    }
    (self.width, self.height, self.samples) = (width, height, samples)
  }

  /// Samples that `fill` writes, all of them.
  init(width: Int, height: Int, channels: Int, fill: (UnsafeMutableBufferPointer<Sample>) throws -> Void) throws {
    _ = try Self.count(width: width, height: height, channels: channels)
    try self.init(width, by: height, channels: channels, fill: fill)
  }

  /// As above, for a size that is known to be sound.
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

  /// A size no picture has, and under which no arithmetic on offsets overflows.
  private static var maximumBytes: Int { 1 << 34 }

  private static func count(width: Int, height: Int, channels: Int) throws -> Int {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let (count, again) = pixels.multipliedReportingOverflow(by: channels * MemoryLayout<Sample>.stride)
    guard width > 0, height > 0, !overflow, !again, count <= Self.maximumBytes else {
      throw ImageCodingError(
        .invalidSize, "An image takes at least 1 × 1 pixels and at most 16 GiB, not \(width) × \(height) pixels")
    }
    return count / MemoryLayout<Sample>.stride
  }
}
