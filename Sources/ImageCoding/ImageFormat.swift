/// An image file format, recognized by the first bytes of the file.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png, jpeg, webp, tiff
  /// HEIF files of HEVC, as telephones write them, and of other codings but AV1.
  case heic
  /// HEIF files of AV1.
  case avif

  /// The name of the format in sentences.
  var name: String {
    switch self {
    case .webp: "WebP"
    default: rawValue.uppercased()
    }
  }

  /// All formats, for the start of "…, found ".
  static let names = "a PNG, JPEG, WebP, TIFF, HEIC or AVIF image"

  /// The format of a file that starts with `bytes`, or `nil` for any other; the file's extension does not matter.
  init?(of bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
      self = .webp
    } else if bytes.starts(with: [0x49, 0x49, 0x2A, 0]) || bytes.starts(with: [0x4D, 0x4D, 0, 0x2A])
      || bytes.starts(with: [0x49, 0x49, 0x2B, 0]) || bytes.starts(with: [0x4D, 0x4D, 0, 0x2B])
    {
      self = .tiff
    } else if let brands = Self.brands(of: bytes) {
      if brands.contains(where: { $0 == "avif" || $0 == "avis" }) {
        self = .avif
      } else if brands.contains(where: Self.heifBrands.contains) {
        self = .heic
      } else {
        return nil
      }
    } else {
      return nil
    }
  }

  private static let heifBrands: Set<String> = [
    "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1",
  ]

  /// The brands of an ISO base media file (ISO/IEC 14496-12, 4.3): the major one, and those that it is compatible with.
  private static func brands(of bytes: UnsafeRawBufferPointer) -> [String]? {
    guard bytes.count >= 12, bytes.dropFirst(4).starts(with: Array("ftyp".utf8)) else { return nil }
    let size = Int(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
    let places = [8] + Array(stride(from: 16, to: min(size, bytes.count, 256) - 3, by: 4))
    return places.map { String(decoding: bytes[$0..<$0 + 4], as: UTF8.self) }
  }

  /// A description of bytes in none of the formats, for the end of "…, found ".
  static func describeOther(_ bytes: UnsafeRawBufferPointer) -> String {
    if bytes.isEmpty { return "no bytes at all" }
    for (name, offset, magic) in others where bytes.dropFirst(offset).starts(with: magic.utf8) { return name }
    let head = bytes.prefix(64)
    if head.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || (0x09...0x0D).contains($0) }) { return "text" }
    return "bytes that start with " + bytes.prefix(4).map(Self.hexadecimal).joined(separator: " ")
  }

  /// What to do about a format of which ffmpeg makes one that is read.
  private static let makesPNG = ", of which ffmpeg -i FILE FILE.png makes a PNG"

  private static let others = [
    ("a GIF image\(makesPNG)", 0, "GIF8"), ("a BMP image\(makesPNG)", 0, "BM"),
    ("a DPX frame\(makesPNG)", 0, "SDPX"), ("a DPX frame\(makesPNG)", 0, "XPDS"),
    ("a PDF document", 0, "%PDF"), ("an SVG image", 0, "<svg"), ("a zip archive", 0, "PK\u{3}\u{4}"),
    ("a video", 4, "ftyp"), ("a JPEG 2000 image\(makesPNG)", 4, "jP  "), ("a JPEG XL image\(makesPNG)", 4, "JXL "),
    ("an OpenEXR image", 0, "v/1\u{1}"), ("a Photoshop document", 0, "8BPS"), ("a raw photograph", 0, "FUJIFILM"),
    ("a pointer of Git LFS, whose file git lfs pull gets", 0, "version https://git-lfs"),
  ]

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }
}
