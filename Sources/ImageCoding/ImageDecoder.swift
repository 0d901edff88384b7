public import Foundation

/// An image and facts about its file.
public struct DecodedImage: Sendable {
  /// The image, upright: the orientation of EXIF or XMP is applied.
  public let image: RGBImage
  /// The image's own alpha, upright like it; `nil` where all of it is opaque.
  public let alpha: GrayImage?
  /// The colors of the file, where they are more than `image` has; `nil` where they are not, or nobody asked for them.
  public let source: SourceImage?
  /// The format of the bytes, whatever the file's extension says.
  public let format: ImageFormat
  /// Sentences about what was ignored or repaired, without the name of the file: further frames, a color profile, damaged
  /// data.
  public let notes: [String]
}

/// Decoder of PNG, JPEG, WebP, TIFF, HEIC and AVIF images of every kind to 8-bit RGB.
///
/// The pixels equal those of Pillow's `ImageOps.exif_transpose(Image.open(file)).convert("RGB")`; the values of JPEG, lossy
/// WebP, HEIC and AVIF images may differ by 1. In particular alpha is not blended, but kept apart. Unlike Pillow's, 16-bit
/// gray is not clipped at 255: all 16-bit samples keep their high byte. An image with an ICC profile of RGB or gray colors is
/// converted to sRGB, through Little CMS; other profiles are not applied. Only the first frame of an animation and the first
/// page are read. ``DecodedImage/source`` has what 8-bit sRGB does not hold.
public enum ImageDecoder {
  /// Decodes an image file.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - limits: Largest sizes.
  ///   - colors: What becomes of 16-bit samples and of other color spaces in ``DecodedImage/source``; `nil` if nobody needs
  ///     it.
  /// - Throws: `ImageCodingError` that names the file.
  public static func decode(
    contentsOf url: URL, limits: ImageLimits = .default, colors: ColorHandling? = nil
  ) throws -> DecodedImage {
    let file = try FileReader.contents(of: url, maximumBytes: limits.maximumBytes)
    return try decode(bytes: file, name: url.lastPathComponent, limits: limits, colors: colors)
  }

  /// Decodes the bytes of an image file; see ``decode(contentsOf:limits:colors:)``.
  ///
  /// - Throws: `ImageCodingError` that calls the image `name`.
  public static func decode(
    bytes: some ContiguousBytes, name: String = "image", limits: ImageLimits = .default, colors: ColorHandling? = nil
  ) throws -> DecodedImage {
    try bytes.withUnsafeBytes { try decode($0, name: name, limits: limits, colors: colors) }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, colors: ColorHandling?
  ) throws -> DecodedImage {
    guard bytes.count <= limits.maximumBytes else {
      throw ImageCodingError(
        .tooLarge, "\(name): the file takes \(bytes.count) bytes; at most \(limits.maximumBytes) are allowed")
    }
    guard let format = ImageFormat(of: bytes) else {
      throw ImageCodingError(
        .notAnImage, "\(name): \(ImageFormat.names) was expected, found \(ImageFormat.describeOther(bytes))")
    }
    let stored =
      switch format {
      case .png: try PNGReader.read(bytes, name: name, limits: limits, keepsDepth: colors != nil)
      case .jpeg: try JPEGReader.read(bytes, name: name, limits: limits)
      case .webp: try WebPReader.read(bytes, name: name, limits: limits)
      case .tiff: try TIFFReader.read(bytes, name: name, limits: limits)
      case .heic, .avif: try HEIFReader.read(bytes, format: format.name, name: name, limits: limits)
      }
    return try stored.decoded(format, colors: colors)
  }
}

extension RGBImage {
  /// Reads an image file as `ImageDecoder` does.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public init(contentsOf url: URL, limits: ImageLimits = .default) throws {
    self = try ImageDecoder.decode(contentsOf: url, limits: limits).image
  }

  /// Reads the bytes of an image file as `ImageDecoder` does.
  ///
  /// - Throws: `ImageCodingError` that calls the image `name`.
  public init(decoding bytes: some ContiguousBytes, name: String = "image", limits: ImageLimits = .default) throws {
    self = try ImageDecoder.decode(bytes: bytes, name: name, limits: limits).image
  }
}
