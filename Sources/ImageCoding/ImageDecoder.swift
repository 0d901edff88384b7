public import Foundation

/// An image and facts about its file.
public struct DecodedImage: Sendable {
  /// The image, upright: the orientation of EXIF or XMP is applied.
  public let image: RGBImage
  /// The image's own alpha, upright like it; `nil` where all of it is opaque.
  public let alpha: GrayImage?
  /// The format of the bytes, whatever the file's extension says.
  public let format: ImageFormat
  /// Sentences about what was ignored or repaired: further frames, a color profile, damaged data.
  public let notes: [String]
}

/// Decoder of PNG, JPEG and WebP images of every kind to 8-bit RGB.
///
/// The pixels equal those of Pillow's `ImageOps.exif_transpose(Image.open(file)).convert("RGB")`; the values of JPEG and
/// lossy WebP images may differ by 1. In particular alpha is not blended, but kept apart. Unlike Pillow's, 16-bit gray is
/// not clipped at 255: all 16-bit samples keep their high byte. An image with an ICC profile of RGB or gray colors is
/// converted to sRGB, through Little CMS; other profiles are not applied. Only the first frame of an animation is read.
public enum ImageDecoder {
  /// Decodes an image file.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  public static func decode(contentsOf url: URL, limits: ImageLimits = .default) throws -> DecodedImage {
    let file = try FileReader.contents(of: url, maximumBytes: limits.maximumBytes)
    return try decode(bytes: file, name: url.lastPathComponent, limits: limits)
  }

  /// Decodes the bytes of an image file.
  ///
  /// - Throws: `ImageCodingError` that calls the image `name`.
  public static func decode(
    bytes: some ContiguousBytes, name: String = "image", limits: ImageLimits = .default
  ) throws -> DecodedImage {
    try bytes.withUnsafeBytes { try decode($0, name: name, limits: limits) }
  }

  private static func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits
  ) throws -> DecodedImage {
    guard bytes.count <= limits.maximumBytes else {
      throw ImageCodingError(
        .tooLarge, "\(name): the file takes \(bytes.count) bytes; at most \(limits.maximumBytes) are allowed")
    }
    guard let format = ImageFormat(of: bytes) else {
      throw ImageCodingError(
        .notAnImage,
        "\(name): a PNG, JPEG or WebP image was expected, found \(ImageFormat.describeOther(bytes))")
    }
    let stored =
      switch format {
      case .png: try PNGReader.read(bytes, name: name, limits: limits)
      case .jpeg: try JPEGReader.read(bytes, name: name, limits: limits)
      case .webp: try WebPReader.read(bytes, name: name, limits: limits)
      }
    return DecodedImage(
      image: try stored.image.upright(from: stored.orientation),
      alpha: try stored.alpha?.upright(from: stored.orientation), format: format, notes: stored.notes)
  }
}

/// An image as its file stores it, before its orientation is applied.
struct StoredImage {
  let image: RGBImage
  /// `nil` where all of it is opaque.
  let alpha: GrayImage?
  let orientation: Orientation
  let notes: [String]
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
