/// The central directory of a zip archive, located by its end records.
struct ZipDirectory {
  /// The fields that an entry has both in the directory and in its local header.
  struct Fields: Equatable {
    var flags: UInt16
    var method: UInt16
    var checksum: UInt32

    /// The sizes follow the content instead of preceding it.
    static let hasDescriptor: UInt16 = 1 << 3
    /// Flags that PyTorch and common tools set: deflate's effort, a data descriptor, names in UTF-8.
    static let knownFlags: UInt16 = 1 << 1 | 1 << 2 | hasDescriptor | 1 << 11
  }

  /// An entry of the directory.
  struct Header {
    var name: String
    var fields: Fields
    var compressedSize: Int
    var size: Int
    /// Offset of the entry's local header in the file.
    var offset: Int
  }

  /// Offset of the directory in the file.
  let start: Int
  private let size: Int
  private let count: Int

  private static let endSignature: UInt32 = 0x0605_4b50
  private static let endLength = 22
  private static let end64Signature: UInt32 = 0x0606_4b50
  private static let end64Length = 56
  private static let locatorSignature: UInt32 = 0x0706_4b50
  private static let locatorLength = 20
  private static let headerSignature: UInt32 = 0x0201_4b50
  private static let headerLength = 46

  /// - Throws: `CheckpointError` if the end records are missing, contradict each other, or do not lie directly behind
  ///   the directory that they describe.
  init(of bytes: UnsafeRawBufferPointer, in file: FileBytes) throws {
    guard let end = Self.readEnd(of: bytes) else {
      throw file.error(.malformed, "is a truncated zip archive: it does not end with a zip directory")
    }
    (start, size, count) = (end.start, end.size, end.count)
    let (directoryEnd, overflow) = start.addingReportingOverflow(size)
    guard !overflow, directoryEnd == end.position, count <= size / Self.headerLength else {
      throw file.error(
        .malformed,
        "has a zip directory that is not possible: \(count) entries in \(size) bytes at byte \(start) of \(bytes.count)"
      )
    }
  }

  private typealias End = (start: Int, size: Int, count: Int, position: Int)

  /// Reads the end record, and the zip64 one if there is one; `nil` if they are not valid.
  private static func readEnd(of bytes: UnsafeRawBufferPointer) -> End? {
    let position = bytes.count - endLength
    guard var record = ByteCursor(bytes, at: position), record.next() == endSignature,
      let disk = record.next(UInt16.self), let directoryDisk = record.next(UInt16.self),
      let countHere = record.next(UInt16.self), let count = record.next(UInt16.self),
      let size = record.next(UInt32.self), let start = record.next(UInt32.self), record.next(UInt16.self) == 0
    else { return nil }
    guard disk == 0 || disk == .max, directoryDisk == 0 || directoryDisk == .max, countHere == count else { return nil }
    guard var locator = ByteCursor(bytes, at: position - locatorLength), locator.next() == locatorSignature else {
      // Fields of all ones refer to a zip64 record, but there is none.
      guard disk == 0, directoryDisk == 0, count != .max, size != .max, start != .max else { return nil }
      return (Int(start), Int(size), Int(count), position)
    }
    guard let large = readEnd64(of: bytes, locator: &locator, position: position - locatorLength - end64Length),
      count == .max || Int(count) == large.count, size == .max || Int(size) == large.size,
      start == .max || Int(start) == large.start
    else { return nil }
    return large
  }

  private static func readEnd64(of bytes: UnsafeRawBufferPointer, locator: inout ByteCursor, position: Int) -> End? {
    guard locator.next(UInt32.self) == 0, locator.nextSize(UInt64.self) == position,
      locator.next(UInt32.self) == 1,
      var record = ByteCursor(bytes, at: position), record.next() == end64Signature,
      record.next(UInt64.self) == UInt64(end64Length - 12), record.next(count: 4) != nil,
      record.next(UInt32.self) == 0, record.next(UInt32.self) == 0,
      let countHere = record.nextSize(UInt64.self), let count = record.nextSize(UInt64.self), countHere == count,
      let size = record.nextSize(UInt64.self), let start = record.nextSize(UInt64.self)
    else { return nil }
    return (start, size, count, position)
  }

  /// Reads the headers of all entries.
  func readHeaders(of bytes: UnsafeRawBufferPointer, in file: FileBytes) throws -> [Header] {
    guard var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])) else { return [] }
    var headers: [Header] = []
    headers.reserveCapacity(count)
    while headers.count < count, let header = Self.readHeader(&cursor) {
      guard header.fields.flags & ~Fields.knownFlags == 0 else {
        throw file.error(.unsupported, "holds \(header.name.quoted), which is encrypted or otherwise special")
      }
      headers.append(header)
    }
    guard headers.count == count, cursor.remaining == 0 else {
      throw file.error(
        .malformed, "has a zip directory that is damaged at entry \(headers.count + 1) of \(count)")
    }
    return headers
  }

  private static func readHeader(_ cursor: inout ByteCursor) -> Header? {
    guard cursor.next() == headerSignature, cursor.next(count: 4) != nil,
      let flags = cursor.next(UInt16.self), let method = cursor.next(UInt16.self), cursor.next(count: 4) != nil,
      let checksum = cursor.next(UInt32.self),
      let compressed = cursor.next(UInt32.self), let size = cursor.next(UInt32.self),
      let nameLength = cursor.nextSize(UInt16.self), let extraLength = cursor.nextSize(UInt16.self),
      let commentLength = cursor.nextSize(UInt16.self),
      let disk = cursor.next(UInt16.self), disk == 0, cursor.next(count: 6) != nil,
      let offset = cursor.next(UInt32.self), let name = cursor.nextText(count: nameLength),
      let extra = cursor.next(count: extraLength), cursor.next(count: commentLength) != nil,
      let sizes = ZipSizes(size: size, compressedSize: compressed, offset: offset, extra: extra)
    else { return nil }
    return Header(
      name: name, fields: Fields(flags: flags, method: method, checksum: checksum),
      compressedSize: sizes.compressedSize, size: sizes.size, offset: sizes.offset)
  }
}

/// The sizes of an entry. A field of 32 ones refers to a 64-bit number in the zip64 extra field.
struct ZipSizes: Equatable {
  var size: Int
  var compressedSize: Int
  var offset: Int

  private static let zip64: UInt16 = 1

  /// `nil` if an extra field is truncated, or lacks a required number.
  init?(size: UInt32, compressedSize: UInt32, offset: UInt32, extra: UnsafeRawBufferPointer) {
    var large: ByteCursor?
    var fields = ByteCursor(extra)
    while let id = fields?.next(UInt16.self) {
      guard let length = fields?.nextSize(UInt16.self), let field = fields?.next(count: length) else { return nil }
      if id == Self.zip64 {
        guard large == nil else { return nil }
        large = ByteCursor(field)
      }
    }
    func resolve(_ small: UInt32) -> Int? { small == .max ? large?.nextSize(UInt64.self) : Int(small) }
    guard let size = resolve(size), let compressedSize = resolve(compressedSize), let offset = resolve(offset) else {
      return nil
    }
    (self.size, self.compressedSize, self.offset) = (size, compressedSize, offset)
  }
}
