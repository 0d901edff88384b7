import CZlib
package import Foundation
package import NIOCore

/// Writer of a ZIP archive of uncompressed files, since PNG files do not compress further (PKWARE's APPNOTE 6.3.10,
/// sections 4.3.7, 4.3.12 and 4.3.16).
///
/// The same files give the same bytes, because all of them have the earliest date of the format.
package struct ZIPWriter {
  private static let localHeader: UInt32 = 0x0403_4b50
  private static let centralHeader: UInt32 = 0x0201_4b50
  private static let endRecord: UInt32 = 0x0605_4b50
  /// Version needed to extract: 2.0, for folders.
  private static let version: UInt16 = 20
  /// Bit 11: names are UTF-8.
  private static let flags: UInt16 = 0x0800
  /// 1 January 1980.
  private static let date: UInt16 = 0x0021

  private var bytes = ByteBuffer()
  private var directory = ByteBuffer()
  private var count: UInt16 = 0

  package init() {}

  /// Adds a file.
  ///
  /// - Throws: `ServiceError` if the archive would exceed the format's 4 GiB or 65,535 files.
  package mutating func add(_ name: String, _ data: Data) throws {
    let offset = bytes.writerIndex
    guard count < .max, data.count + offset + directory.writerIndex < Int(UInt32.max) - 1 << 20 else {
      throw ServiceError(.internalError, "the archive would be larger than a ZIP file can be")
    }
    let size = UInt32(truncatingIfNeeded: data.count)
    let description = Description(checksum: Self.checksum(data), size: size, name: name)
    bytes.writeInteger(Self.localHeader, endianness: .little)
    description.write(to: &bytes)
    bytes.writeString(name)
    bytes.writeBytes(data)
    directory.writeInteger(Self.centralHeader, endianness: .little)
    directory.writeInteger(Self.version, endianness: .little)
    description.write(to: &directory)
    // No comment, first disk, no attributes.
    directory.writeRepeatingByte(0, count: 2 + 2 + 2 + 4)
    directory.writeInteger(UInt32(truncatingIfNeeded: offset), endianness: .little)
    directory.writeString(name)
    count += 1
  }

  /// The complete archive.
  package func finish() -> ByteBuffer {
    var archive = bytes
    let offset = UInt32(truncatingIfNeeded: archive.writerIndex)
    let size = UInt32(truncatingIfNeeded: directory.readableBytes)
    archive.writeImmutableBuffer(directory)
    archive.writeInteger(Self.endRecord, endianness: .little)
    archive.writeRepeatingByte(0, count: 4)
    for number in [count, count] { archive.writeInteger(number, endianness: .little) }
    for number in [size, offset] { archive.writeInteger(number, endianness: .little) }
    archive.writeRepeatingByte(0, count: 2)
    return archive
  }

  /// Fields that the local and the central header of a file share.
  private struct Description {
    let checksum: UInt32
    let size: UInt32
    let name: String

    func write(to buffer: inout ByteBuffer) {
      // Compression method 0, stored; time 0.
      for field in [ZIPWriter.version, ZIPWriter.flags, 0, 0, ZIPWriter.date] {
        buffer.writeInteger(field, endianness: .little)
      }
      for field in [checksum, size, size] { buffer.writeInteger(field, endianness: .little) }
      buffer.writeInteger(UInt16(truncatingIfNeeded: name.utf8.count), endianness: .little)
      buffer.writeInteger(UInt16(0), endianness: .little)
    }
  }

  private static func checksum(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { bytes in
      UInt32(truncatingIfNeeded: crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }
  }
}
