/// A PyTorch checkpoint as `torch.save` wrote it before version 1.6, and does still with
/// `_use_new_zipfile_serialization=False`.
///
/// Its parts follow each other: pickles of a magic number, of the format's version, of the sizes of the writer's numbers
/// and their byte order, of the object that was saved, and of the keys of its storages; then each storage in the order of
/// the keys, as its number of elements in 64 bits and the elements (`torch.serialization._legacy_save`).
struct LegacyCheckpoint {
  let file: FileBytes

  /// The pickle of PyTorch's magic number without its start and end: an integer of ten bytes.
  private static let magic: [UInt8] = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
  private static let version = 1001

  /// Whether a file with these first bytes is in this format.
  static func isStart(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 2, bytes[0] == 0x80 else { return false }
    // From protocol 4 on a frame comes before the number.
    return bytes.dropFirst(2).starts(with: magic) || bytes.dropFirst(11).starts(with: magic)
  }

  /// Calls `body` with what the pickle describes, and with the bytes of its storages by key.
  func withContents<Result>(
    _ body: (_ root: PickleValue, _ machine: PickleMachine, _ sources: [String: ByteSource]) throws -> Result
  ) throws -> Result {
    try file.withBytes { bytes in
      var offset = 0
      func next() throws -> (root: PickleValue, machine: PickleMachine) {
        let limit = min(offset + PyTorchArchive.maximumPickleLength, bytes.count)
        var machine = try PickleMachine(UnsafeRawBufferPointer(rebasing: bytes[..<limit]), at: offset)
        let root = try machine.run()
        offset = machine.offset
        return (root, machine)
      }
      _ = try next()
      guard case .integer(Self.version) = try next().root else {
        throw file.error(.unsupported, "is in PyTorch's legacy format of a version other than \(Self.version)")
      }
      try checkByteOrder(try next())
      let (root, machine) = try next()
      let keys = try next()
      let sources = try locate(keys, of: machine, from: offset, in: bytes)
      return try body(root, machine, sources)
    }
  }

  private func checkByteOrder(_ system: (root: PickleValue, machine: PickleMachine)) throws {
    guard case .dictionary(let index) = system.root else {
      throw file.error(.malformed, "does not say in which byte order it was saved")
    }
    let isLittle = system.machine.dictionaries[index].contains { item in
      if case (.string("little_endian"), .boolean(true)) = item { true } else { false }
    }
    guard isLittle else { throw file.error(.unsupported, "was not saved in little-endian byte order") }
  }

  /// Finds the bytes of each storage; they take the rest of the file.
  private func locate(
    _ keys: (root: PickleValue, machine: PickleMachine), of machine: PickleMachine, from offset: Int,
    in bytes: UnsafeRawBufferPointer
  ) throws -> [String: ByteSource] {
    guard case .list(let index) = keys.root, var cursor = ByteCursor(bytes, at: offset) else {
      throw file.error(.malformed, "does not list the keys of its storages")
    }
    var sources: [String: ByteSource] = [:]
    for item in keys.machine.lists[index] {
      guard case .string(let key) = item, let storage = machine.storages[key] else {
        throw file.error(.malformed, "lists a storage to which its pickle does not refer")
      }
      guard sources[key] == nil else { throw file.error(.malformed, "lists storage \(key.quoted) twice") }
      guard let count = cursor.next(Int64.self) else {
        throw file.error(.malformed, "is truncated: it ends before storage \(key.quoted)")
      }
      guard count == storage.count, let size = storage.elementType.byteCount(of: [storage.count]) else {
        throw file.error(
          .malformed,
          "holds storage \(key.quoted) of \(count) elements, where its pickle says \(storage.count)")
      }
      let start = cursor.offset
      guard cursor.next(count: size) != nil else {
        throw file.error(
          .malformed, "is truncated: storage \(key.quoted) has \(cursor.remaining) bytes of \(size)")
      }
      sources[key] = .region(file, start..<start + size)
    }
    if let missing = machine.storages.keys.filter({ sources[$0] == nil }).min() {
      throw file.error(.malformed, "lacks storage \(missing.quoted), to which its pickle refers")
    }
    return sources
  }
}
