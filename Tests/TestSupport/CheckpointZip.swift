/// A zip archive that a test builds: each number in it can be made to lie.
package struct Zip {
  /// What an entry's header says, where it lies and in the directory.
  package struct Fields {
    package var name: String
    package var flags: UInt16 = 0
    package var method: UInt16 = 0
    package var checksum: UInt32
    package var compressedSize: Int
    package var size: Int
    package var offset: Int
    /// Whether the sizes stand in a zip64 extra field.
    package var isZip64 = false
  }

  /// What the records at the end say.
  package struct End {
    package var count: Int
    package var size: Int
    package var start: Int
    package var comment: [UInt8] = []
  }

  private struct Entry {
    var local: Fields
    var directory: Fields
    var content: [UInt8]
  }

  private var entries: [Entry] = []
  private let changeEnd: (inout End) -> Void

  /// - Parameter end: Changes what the end record will say.
  package init(end: @escaping (inout End) -> Void = { _ in }) { changeEnd = end }

  /// Adds an entry; `change` is asked once for its own header and once for the directory's.
  package mutating func add(
    _ name: String, _ content: [UInt8], change: (_ fields: inout Fields, _ isLocal: Bool) -> Void = { _, _ in }
  ) {
    var local = Fields(
      name: name, checksum: Self.checksum(content), compressedSize: content.count, size: content.count,
      offset: entries.reduce(0) { $0 + Self.header($1.local, isLocal: true).count + $1.content.count })
    var directory = local
    change(&local, true)
    change(&directory, false)
    entries.append(Entry(local: local, directory: directory, content: content))
  }

  /// The archive's bytes.
  package var bytes: [UInt8] {
    var bytes = entries.flatMap { Self.header($0.local, isLocal: true) + $0.content }
    let directory = entries.flatMap { Self.header($0.directory, isLocal: false) }
    var end = End(count: entries.count, size: directory.count, start: bytes.count)
    changeEnd(&end)
    bytes += directory
    bytes += [0x50, 0x4b, 5, 6, 0, 0, 0, 0]
    bytes += littleEndianBytes(UInt16(end.count)) + littleEndianBytes(UInt16(end.count))
    bytes += littleEndianBytes(UInt32(end.size)) + littleEndianBytes(UInt32(end.start))
    bytes += littleEndianBytes(UInt16(end.comment.count)) + end.comment
    return bytes
  }

  /// A deflate stream of one stored block.
  package static func deflate(_ content: [UInt8]) -> [UInt8] {
    [1] + littleEndianBytes(UInt16(content.count)) + littleEndianBytes(~UInt16(content.count)) + content
  }

  /// CRC-32, bit by bit.
  package static func checksum(_ content: [UInt8]) -> UInt32 {
    ~content.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
    }
  }

  private static func header(_ fields: Fields, isLocal: Bool) -> [UInt8] {
    let small = { (size: Int) in littleEndianBytes(fields.isZip64 ? UInt32.max : UInt32(truncatingIfNeeded: size)) }
    var extra: [UInt8] = []
    if fields.isZip64 {
      let sizes = littleEndianBytes(fields.size) + littleEndianBytes(fields.compressedSize)
      let numbers = isLocal ? sizes : sizes + littleEndianBytes(fields.offset)
      extra = [1, 0] + littleEndianBytes(UInt16(numbers.count)) + numbers
    }
    var bytes: [UInt8] = isLocal ? [0x50, 0x4b, 3, 4, 20, 0] : [0x50, 0x4b, 1, 2, 20, 0, 20, 0]
    bytes += littleEndianBytes(fields.flags) + littleEndianBytes(fields.method) + [0, 0, 0, 0]
    bytes += littleEndianBytes(fields.checksum) + small(fields.compressedSize) + small(fields.size)
    bytes += littleEndianBytes(UInt16(fields.name.utf8.count)) + littleEndianBytes(UInt16(extra.count))
    if !isLocal { bytes += [UInt8](repeating: 0, count: 10) + small(fields.offset) }
    return bytes + fields.name.utf8 + extra
  }
}

extension Zip {
  /// A PyTorch checkpoint of that pickle and those storages, by key.
  package static func checkpoint(_ pickle: [UInt8], storages: KeyValuePairs<String, [UInt8]> = [:]) -> [UInt8] {
    var zip = Zip()
    zip.add("test/data.pkl", pickle)
    for (key, content) in storages { zip.add("test/data/\(key)", content) }
    return zip.bytes
  }
}
