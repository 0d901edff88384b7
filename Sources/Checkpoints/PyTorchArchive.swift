/// The zip archive of a PyTorch checkpoint, and the roles of its entries.
struct PyTorchArchive {
  private let archive: ZipArchive
  /// The folder of all entries, named after the file when it was saved; ends with a slash.
  private let root: String
  private let pickle: ZipEntry

  /// Largest size of the pickle in bytes.
  static let maximumPickleLength = 16 << 20

  /// - Throws: `CheckpointError` for zip archives of another kind, with the kind in its message.
  init(_ file: FileBytes) throws {
    archive = try ZipArchive(file)
    let pickles = archive.entries.filter { $0.name.hasSuffix("/data.pkl") && $0.name.count(where: { $0 == "/" }) == 1 }
    guard let pickle = pickles.first, pickles.count == 1 else {
      throw file.error(
        .unsupported, "is a zip archive with \(pickles.count) entries data.pkl, where a PyTorch checkpoint has one")
    }
    self.pickle = pickle
    root = String(pickle.name.dropLast("data.pkl".count))
    if archive[name: root + "constants.pkl"] != nil || archive.entries.contains(where: isCode) {
      throw file.error(
        .unsupported, "is a TorchScript archive, a program; save the state dictionary with torch.save instead")
    }
    guard pickle.size <= Self.maximumPickleLength else {
      throw file.error(
        .tooLarge, "holds a pickle of \(pickle.size) bytes, over the limit of \(Self.maximumPickleLength)")
    }
    if let order = archive[name: root + "byteorder"] {
      let isLittle = try archive.content(of: order).withBytes { $0.elementsEqual("little".utf8) }
      guard isLittle else { throw file.error(.unsupported, "was not saved in little-endian byte order") }
    }
  }

  private func isCode(_ entry: ZipEntry) -> Bool { entry.name.hasPrefix(root + "code/") }

  /// Calls `body` with what the pickle describes, and with the bytes of its storages by key: one source for each, so that
  /// a storage that tensors share is inflated once.
  func withContents<Result>(
    _ body: (_ root: PickleValue, _ machine: PickleMachine, _ sources: [String: ByteSource]) throws -> Result
  ) throws -> Result {
    try archive.content(of: pickle).withBytes { bytes in
      var machine = try PickleMachine(bytes)
      let root = try machine.run()
      return try body(root, machine, try machine.storages.mapValues { try source(of: $0) })
    }
  }

  /// The bytes of a storage, whose number must agree with its type and count.
  private func source(of storage: PickleStorage) throws -> ByteSource {
    guard let entry = archive[name: root + "data/" + storage.key] else {
      throw archive.file.error(.malformed, "lacks storage \(storage.key.quoted), to which its pickle refers")
    }
    let size = storage.elementType.byteCount(of: [storage.count])
    guard size == entry.size else {
      throw archive.file.error(
        .malformed,
        "holds storage \(storage.key.quoted) of \(entry.size) bytes, where its pickle says \(storage.count) elements of"
          + " type \(storage.elementType.rawValue)")
    }
    return archive.content(of: entry)
  }
}
