import CImageShims
import CZlib

/// The ICC profile of an image: the colors that its values stand for.
public struct ColorProfile: Sendable, Hashable {
  /// The profile itself.
  public let bytes: [UInt8]

  /// Larger profiles are not read. Those of printers take up to 3 MB, those of cameras and displays a few kilobytes.
  static let maximumBytes = 4 << 20

  /// - Returns: `nil` for a profile over the limit, and for one of no bytes.
  init?(_ bytes: some Collection<UInt8>) {
    guard !bytes.isEmpty, bytes.count <= Self.maximumBytes else { return nil }
    self.bytes = Array(bytes)
  }

  /// A profile of red, green and blue.
  ///
  /// - Parameters:
  ///   - chromaticities: x and y of red, green, blue and white.
  ///   - gamma: Power from values to linear light; 0 for the curve of sRGB.
  init?(chromaticities: [Double], gamma: Double) {
    var count = 0
    guard chromaticities.count == 8, let made = image_profile_make(chromaticities, gamma, &count) else { return nil }
    defer { image_profile_free(made) }
    self.init(UnsafeBufferPointer(start: made, count: count))
  }

  /// The profile in a chunk iCCP of a PNG file: a name, a zero, the compression method 0, and a stream of zlib.
  init?(pngChunk chunk: UnsafeRawBufferPointer) {
    guard let end = chunk.prefix(80).firstIndex(of: 0), end + 2 < chunk.count, chunk[end + 1] == 0 else { return nil }
    guard let bytes = Self.inflated(UnsafeRawBufferPointer(rebasing: chunk[(end + 2)...])) else { return nil }
    self.init(bytes)
  }

  /// `nil` for a stream that is damaged, or over the limit.
  private static func inflated(_ source: UnsafeRawBufferPointer) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = UInt32(clamping: source.count)
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= maximumBytes {
      let (status, left) = part.withUnsafeMutableBufferPointer { part in
        stream.next_out = part.baseAddress
        stream.avail_out = UInt32(part.count)
        return (inflate(&stream, Z_NO_FLUSH), Int(stream.avail_out))
      }
      bytes += part[..<(part.count - left)]
      if status == Z_STREAM_END { return bytes }
      guard status == Z_OK, left < part.count else { return nil }
    }
    return nil
  }

  enum Outcome {
    case applied
    /// The values are sRGB already.
    case needless
    /// The profile is damaged, or of another color space than the image.
    case impossible
  }

  /// Converts the values of an image from this profile to sRGB: in the perceptual intent, and colors outside of sRGB to its
  /// border.
  func apply(to image: inout RGBImage) -> Outcome {
    Outcome(
      image.withMutablePixels { image_profile_apply(bytes, bytes.count, $0.baseAddress, $0.count / 3, 1) })
  }

  /// As `apply(to:)`, with 16 bits.
  func apply(to image: inout RGB16Image) -> Outcome {
    Outcome(
      image.withMutablePixels { image_profile_apply(bytes, bytes.count, $0.baseAddress, $0.count / 3, 2) })
  }

  /// Whether its colors are red, green and blue; others do not fit the images of this package.
  var isRGB: Bool { image_profile_is_rgb(bytes, bytes.count) != 0 }

  /// Converts the values of an image from sRGB to this profile, which has red, green and blue.
  package func replaceSRGB(of image: inout RGBImage) {
    _ = image.withMutablePixels { image_profile_from_srgb(bytes, bytes.count, $0.baseAddress, $0.count / 3, 1) }
  }

  /// The content of a chunk iCCP of a PNG file.
  var pngChunk: [UInt8] {
    var compressed = [UInt8](repeating: 0, count: Int(compressBound(uLong(bytes.count))))
    var count = uLong(compressed.count)
    guard compress(&compressed, &count, bytes, uLong(bytes.count)) == Z_OK else { return [] }
    return Array("ICC profile\0\0".utf8) + compressed[..<Int(count)]
  }
}

extension ColorProfile.Outcome {
  fileprivate init(_ result: image_profile_result) {
    switch result {
    case IMAGE_PROFILE_APPLIED: self = .applied
    case IMAGE_PROFILE_IS_SRGB: self = .needless
    default: self = .impossible
    }
  }
}

/// The segments of a JPEG file over which a profile is spread, in any order.
struct ProfileSegments {
  private var parts: [UInt8: [UInt8]] = [:]
  private var count: UInt8 = 0
  private static let mark = Array("ICC_PROFILE\0".utf8)

  var isEmpty: Bool { count == 0 }

  /// Adds a segment APP2 if it is part of a profile: a mark, its number from 1, the number of segments, and bytes.
  mutating func add(_ segment: UnsafeRawBufferPointer) {
    let start = Self.mark.count
    guard segment.starts(with: Self.mark), segment.count >= start + 2 else { return }
    count = segment[start + 1]
    parts[segment[start]] = Array(segment[(start + 2)...])
  }

  /// `nil` if a segment is missing.
  var profile: ColorProfile? {
    guard count > 0 else { return nil }
    var bytes: [UInt8] = []
    for number in 1...count {
      guard let part = parts[number] else { return nil }
      bytes += part
    }
    return ColorProfile(bytes)
  }
}
