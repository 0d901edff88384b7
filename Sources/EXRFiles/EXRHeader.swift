import ImageCoding

/// A rectangle of pixels, as OpenEXR counts them: both corners are inside.
package struct EXRWindow: Sendable, Equatable {
  package var minX: Int32
  package var minY: Int32
  package var maxX: Int32
  package var maxY: Int32

  package init(minX: Int32, minY: Int32, maxX: Int32, maxY: Int32) {
    (self.minX, self.minY, self.maxX, self.maxY) = (minX, minY, maxX, maxY)
  }

  /// A window of a size whose first pixel is (0, 0).
  package init(width: Int, height: Int) {
    self.init(minX: 0, minY: 0, maxX: Int32(clamping: width - 1), maxY: Int32(clamping: height - 1))
  }

  /// Number of pixels in a row; 0 and less for a window that is empty.
  package var width: Int { Int(maxX) - Int(minX) + 1 }
  /// Number of rows; 0 and less for a window that is empty.
  package var height: Int { Int(maxY) - Int(minY) + 1 }
}

/// An attribute of a header, with its value as the file stores it.
package struct EXRAttribute: Sendable, Equatable {
  package var name: String
  /// Name of the type, such as `timecode`.
  package var type: String
  package var value: [UInt8]

  package init(name: String, type: String, value: [UInt8]) {
    (self.name, self.type, self.value) = (name, type, value)
  }

  /// A text.
  package init(_ name: String, _ text: String) {
    self.init(name: name, type: "string", value: Array(text.utf8))
  }
}

/// A channel of a part.
package struct EXRChannel: Sendable, Equatable {
  package var name: String
  /// 0 unsigned integers of 32 bits, 1 half precision, 2 single precision.
  package var pixelType: Int32
  /// Pixels between two samples.
  package var samplingX: Int32
  package var samplingY: Int32
}

/// A part of a file: an image with its channels and attributes.
package struct EXRPart: Sendable {
  package var attributes: [EXRAttribute]
  package var channels: [EXRChannel]
  package var dataWindow: EXRWindow
  package var displayWindow: EXRWindow
  /// Width of a pixel by its height; 1 where the file has none that can be.
  package var pixelAspectRatio: Float
  /// Name of the part; empty where it has none.
  package var name: String
  /// Whether it has a varying number of samples in each pixel.
  package var isDeep: Bool
}

/// The headers of a file (OpenEXR file layout, "Header").
///
/// They are read here, and not by the library, because every size is compared with that of the file before anything is
/// allocated, and because attributes are kept as they are.
package struct EXRHeader: Sendable {
  /// First four bytes of a file.
  package static let magic: [UInt8] = [0x76, 0x2F, 0x31, 0x01]
  /// Bits of the version field.
  private enum Flag {
    static let deep: UInt32 = 0x800
    static let multiPart: UInt32 = 0x1000
  }
  private static let mostParts = 256
  private static let mostChannels = 4096
  private static let mostAttributes = 16_384

  package let parts: [EXRPart]

  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: Its name in messages.
  /// - Throws: `ImageCodingError`: `notAnImage`, `truncated`, `corrupt`, `tooLarge`.
  package init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    var reader = EXRByteReader(bytes, name: name)
    guard bytes.starts(with: Self.magic) else {
      throw ImageCodingError(.notAnImage, "\(name): an OpenEXR image was expected, found other bytes")
    }
    _ = try reader.bytes(4)
    let version = try reader.integer(UInt32.self)
    guard version & 0xFF == 2 else {
      throw ImageCodingError(
        .unsupported, "\(name): version 2 of OpenEXR's file layout was expected, found \(version & 0xFF)")
    }
    var parts: [EXRPart] = []
    repeat {
      let attributes = try Self.attributes(&reader)
      // A list of parts ends with an empty header.
      if version & Flag.multiPart != 0, attributes.isEmpty { break }
      guard parts.count < Self.mostParts else { throw reader.tooMany("parts", Self.mostParts) }
      parts.append(try EXRPart(attributes, isDeep: version & Flag.deep != 0, name: name))
    } while version & Flag.multiPart != 0
    guard !parts.isEmpty else { throw reader.corrupt("it has no parts") }
    self.parts = parts
  }

  private static func attributes(_ reader: inout EXRByteReader) throws -> [EXRAttribute] {
    var attributes: [EXRAttribute] = []
    while true {
      let name = try reader.text()
      if name.isEmpty { return attributes }
      guard attributes.count < mostAttributes else { throw reader.tooMany("attributes", mostAttributes) }
      let type = try reader.text()
      let size = try reader.integer(Int32.self)
      attributes.append(EXRAttribute(name: name, type: type, value: Array(try reader.bytes(Int(size)))))
    }
  }

  /// The channels of an attribute of the type `chlist`.
  fileprivate static func channels(_ value: [UInt8], name: String) throws -> [EXRChannel] {
    try value.withUnsafeBytes { bytes in
      var reader = EXRByteReader(bytes, name: name)
      var channels: [EXRChannel] = []
      while true {
        let channel = try reader.text()
        if channel.isEmpty { return channels }
        guard channels.count < mostChannels else { throw reader.tooMany("channels", mostChannels) }
        let pixelType = try reader.integer(Int32.self)
        _ = try reader.bytes(4)
        channels.append(
          EXRChannel(
            name: channel, pixelType: pixelType, samplingX: try reader.integer(Int32.self),
            samplingY: try reader.integer(Int32.self)))
      }
    }
  }
}

extension EXRPart {
  fileprivate init(_ attributes: [EXRAttribute], isDeep: Bool, name: String) throws {
    func value(_ attribute: String, _ type: String) throws -> [UInt8] {
      guard let found = attributes.first(where: { $0.name == attribute && $0.type == type }) else {
        throw ImageCodingError(
          .corrupt, "\(name): a sound OpenEXR image was expected, found one whose header lacks \(attribute)")
      }
      return found.value
    }
    func window(_ attribute: String) throws -> EXRWindow {
      try value(attribute, "box2i").withUnsafeBytes { bytes in
        var reader = EXRByteReader(bytes, name: name)
        return EXRWindow(
          minX: try reader.integer(Int32.self), minY: try reader.integer(Int32.self),
          maxX: try reader.integer(Int32.self), maxY: try reader.integer(Int32.self))
      }
    }
    func text(_ attribute: String) -> String {
      let found = attributes.first { $0.name == attribute && $0.type == "string" }
      return found.map { String(decoding: $0.value, as: UTF8.self) } ?? ""
    }
    let bits = attributes.first { $0.name == "pixelAspectRatio" && $0.value.count == 4 }?.value
      .enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) }
    let stored = bits.map(Float.init(bitPattern:)) ?? 1
    let ratio = stored > 0 && stored.isFinite ? stored : 1
    self.init(
      attributes: attributes, channels: try EXRHeader.channels(try value("channels", "chlist"), name: name),
      dataWindow: try window("dataWindow"), displayWindow: try window("displayWindow"),
      pixelAspectRatio: ratio, name: text("name"),
      isDeep: isDeep && !text("type").hasSuffix("image") || text("type").hasPrefix("deep"))
  }
}

/// A reader of little-endian values that checks every read against the end.
struct EXRByteReader {
  private let all: UnsafeRawBufferPointer
  private var place = 0
  private let name: String

  init(_ bytes: UnsafeRawBufferPointer, name: String) { (all, self.name) = (bytes, name) }

  mutating func bytes(_ count: Int) throws -> UnsafeRawBufferPointer {
    guard count >= 0 else { throw corrupt("a size of its header is negative") }
    guard count <= all.count - place else {
      throw ImageCodingError(
        .truncated, "\(name): a whole OpenEXR image was expected, found part of one (its header ends early)")
    }
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: all[place..<place + count])
  }

  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(_: Integer.Type) throws -> Integer {
    Integer(littleEndian: try bytes(MemoryLayout<Integer>.size).loadUnaligned(as: Integer.self))
  }

  /// Text up to a zero; at most 255 bytes, as the format has it.
  mutating func text() throws -> String {
    let rest = all[place...].prefix(256)
    guard let end = rest.firstIndex(of: 0) else {
      _ = try bytes(256)
      throw corrupt("a name in its header is longer than 255 bytes")
    }
    let text = try bytes(end - place)
    _ = try bytes(1)
    return String(decoding: text, as: UTF8.self)
  }

  func corrupt(_ reason: String) -> ImageCodingError {
    ImageCodingError(.corrupt, "\(name): a sound OpenEXR image was expected, found a damaged one (\(reason))")
  }

  func tooMany(_ things: String, _ most: Int) -> ImageCodingError {
    ImageCodingError(.tooLarge, "\(name): the OpenEXR image has more than \(most) \(things)")
  }
}
