import CImageShims

/// Facts about an image that its file states beside the pixels: orientation, color profile, animation.
struct ImageMetadata {
  /// The orientation of an EXIF block; takes precedence over XMP.
  var exif: Orientation?
  /// The orientation of an XMP packet.
  var xmp: Orientation?
  /// Whether the file has more than one frame.
  var isAnimated = false
  /// Whether the file has further images, such as pages.
  var hasMoreImages = false
  /// The color profile; `nil` if there is none, and for one that cannot be read.
  var profile: ColorProfile? { chunkProfile ?? segments.profile }
  /// Whether the file has a color profile, which may be damaged.
  var hasProfile = false
  /// The profile of a file that has it in one piece.
  var chunkProfile: ColorProfile?
  private var segments = ProfileSegments()

  init() {}

  /// The metadata of a WebP file.
  init(exif: Orientation?, xmp: Orientation?, isAnimated: Bool, profile: [UInt8]?) {
    (self.exif, self.xmp, self.isAnimated) = (exif, xmp, isAnimated)
    hasProfile = profile != nil
    chunkProfile = profile.flatMap { ColorProfile($0) }
  }

  var orientation: Orientation { exif ?? xmp ?? .up }
}

extension ImageMetadata {
  /// Calls `body` with a visitor that adds the metadata that it receives to this value.
  mutating func withVisitor(_ body: (UnsafePointer<image_metadata_visitor>) throws -> Void) rethrows {
    try withUnsafeMutablePointer(to: &self) { metadata in
      let visitor = image_metadata_visitor(context: metadata) { context, kind, bytes, count in
        let metadata = context?.assumingMemoryBound(to: ImageMetadata.self)
        metadata?.pointee.add(kind, UnsafeRawBufferPointer(start: bytes, count: count))
      }
      try withUnsafePointer(to: visitor, body)
    }
  }

  /// Adds a chunk of a PNG file or a segment of a JPEG file.
  private mutating func add(_ kind: UInt32, _ bytes: UnsafeRawBufferPointer) {
    switch kind {
    case Self.chunk("eXIf"): exif = EXIF.orientation(bytes)
    // The two zeros say that the packet is not compressed.
    case Self.chunk("iTXt") where xmp == nil && bytes.starts(with: Array("XML:com.adobe.xmp\0\0".utf8)):
      xmp = XMP.orientation(bytes)
    case Self.chunk("acTL"): isAnimated = true
    case Self.chunk("iCCP"):
      hasProfile = true
      chunkProfile = ColorProfile(pngChunk: bytes)
    case Self.app1 where exif == nil && bytes.starts(with: Array("Exif\0\0".utf8)): exif = EXIF.orientation(bytes)
    case Self.app1 where xmp == nil && bytes.starts(with: Array("http://ns.adobe.com/xap/1.0/\0".utf8)):
      xmp = XMP.orientation(bytes)
    case Self.tiffProfile, IMAGE_HEIF_PROFILE:
      hasProfile = true
      chunkProfile = ColorProfile(bytes)
    case Self.app2:
      segments.add(bytes)
      hasProfile = !segments.isEmpty
    default: break
    }
  }

  private static var app1: UInt32 { 0xE1 }
  private static var app2: UInt32 { 0xE2 }
  private static var tiffProfile: UInt32 { 34675 }

  private static func chunk(_ name: StaticString) -> UInt32 {
    name.withUTF8Buffer { $0.reduce(0) { $0 << 8 | UInt32($1) } }
  }
}

/// Orientation in an EXIF block.
enum EXIF {
  private static let orientationTag: UInt16 = 0x0112

  /// The orientation that the first image file directory states: `up` if it states an undefined one, `nil` if it states
  /// none or the block is malformed.
  ///
  /// - Parameter block: A TIFF structure, with or without `Exif\0\0` before it.
  static func orientation(_ block: UnsafeRawBufferPointer) -> Orientation? {
    var block = block
    let prefix = Array("Exif\0\0".utf8)
    while block.starts(with: prefix) { block = UnsafeRawBufferPointer(rebasing: block.dropFirst(prefix.count)) }
    guard let tiff = TIFFBlock(block), tiff.integer(at: 2, as: UInt16.self) == 42,
      let directory = tiff.integer(at: 4, as: UInt32.self).map(Int.init),
      let entries = tiff.integer(at: directory, as: UInt16.self)
    else { return nil }
    for index in 0..<Int(entries) {
      let entry = directory + 2 + 12 * index
      // An entry that does not fit ends the search.
      guard tiff.integer(at: entry + 8, as: UInt32.self) != nil, let tag = tiff.integer(at: entry, as: UInt16.self)
      else { return nil }
      if tag == orientationTag { return value(of: entry, in: tiff).flatMap(Orientation.init) ?? .up }
    }
    return nil
  }

  /// The first value of the directory entry at an offset, if it is an integer.
  private static func value(of entry: Int, in tiff: TIFFBlock) -> Int? {
    guard let type = tiff.integer(at: entry + 2, as: UInt16.self),
      let count = tiff.integer(at: entry + 4, as: UInt32.self), count > 0
    else { return nil }
    var place = entry + 8
    let size: UInt64 = type == 3 || type == 8 ? 2 : 4
    if UInt64(count) * size > 4 {
      guard let offset = tiff.integer(at: place, as: UInt32.self) else { return nil }
      place = Int(offset)
    }
    switch type {
    case 3: return tiff.integer(at: place, as: UInt16.self).map(Int.init)
    case 8: return tiff.integer(at: place, as: Int16.self).map(Int.init)
    case 4, 13: return tiff.integer(at: place, as: UInt32.self).map(Int.init)
    case 9: return tiff.integer(at: place, as: Int32.self).map(Int.init)
    // Pillow reads BYTE and UNDEFINED as strings, which are no orientation; it does accept SBYTE, type 6.
    case 6: return tiff.integer(at: entry + 8, as: Int8.self).map(Int.init)
    default: return nil
    }
  }
}

/// An untrusted TIFF structure: integers in its byte order, `nil` where they lie outside the block.
private struct TIFFBlock {
  private let bytes: UnsafeRawBufferPointer
  private let isLittleEndian: Bool

  /// `nil` unless the block starts with a byte order mark.
  init?(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    isLittleEndian = bytes.starts(with: Array("II".utf8))
    guard isLittleEndian || bytes.starts(with: Array("MM".utf8)) else { return nil }
  }

  /// - Precondition: `offset` is not negative.
  func integer<Integer: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as _: Integer.Type) -> Integer? {
    guard offset <= bytes.count - MemoryLayout<Integer>.size else { return nil }
    let value = bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self)
    return isLittleEndian ? Integer(littleEndian: value) : Integer(bigEndian: value)
  }
}

/// Orientation in an XMP packet.
enum XMP {
  /// The orientation that the first `tiff:Orientation`, an attribute or an element, states with a digit: `up` if it states
  /// an undefined one, `nil` if there is none.
  static func orientation(_ packet: UnsafeRawBufferPointer) -> Orientation? {
    let tag = Array("tiff:Orientation".utf8)
    var rest = packet[...]
    while let first = rest.firstIndex(of: tag[0]) {
      rest = rest[first...]
      guard rest.starts(with: tag) else {
        rest = rest.dropFirst()
        continue
      }
      rest = rest.dropFirst(tag.count)
      for opening in ["=\"", ">"] where rest.starts(with: opening.utf8) {
        let digit = rest.dropFirst(opening.utf8.count).first
        if let digit, (0x30...0x39).contains(digit) { return Orientation(rawValue: Int(digit) - 0x30) ?? .up }
      }
    }
    return nil
  }
}
