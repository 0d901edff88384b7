/// An image file format, recognized by the first bytes of the file.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png, jpeg, webp

  /// The format of a file that starts with `bytes`, or `nil` for any other; the file's extension does not matter.
  init?(of bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
      self = .webp
    } else {
      return nil
    }
  }

  /// A description of bytes in none of the formats, for the end of "…, found ".
  static func describeOther(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.isEmpty { return "no bytes at all" }
    for (name, offset, magic) in others where bytes.dropFirst(offset).starts(with: magic.utf8) { return name }
    let head = bytes.prefix(64)
    if head.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || (0x09...0x0D).contains($0) }) { return "text" }
    return "bytes that start with " + bytes.prefix(4).map(Self.hexadecimal).joined(separator: " ")
  }

  private static let others = [
    ("a GIF image", 0, "GIF8"), ("a BMP image", 0, "BM"), ("a TIFF image", 0, "II*\0"), ("a TIFF image", 0, "MM\0*"),
    ("an AVIF image", 4, "ftypavif"), ("a HEIC image", 4, "ftyphei"), ("a HEIF image", 4, "ftypmif1"),
    ("a PDF document", 0, "%PDF"), ("an SVG image", 0, "<svg"), ("a zip archive", 0, "PK\u{3}\u{4}"),
    ("a video", 4, "ftyp"), ("a JPEG 2000 image", 4, "jP  "), ("a JPEG XL image", 4, "JXL "),
    ("an OpenEXR image", 0, "v/1\u{1}"), ("a Photoshop document", 0, "8BPS"), ("a raw photograph", 0, "FUJIFILM"),
    ("a pointer of Git LFS, whose file git lfs pull gets", 0, "version https://git-lfs"),
  ]

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }
}
