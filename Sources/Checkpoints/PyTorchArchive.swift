/// The zip archive of a PyTorch checkpoint, and the roles of its entries.
struct PyTorchArchive {
  private let archive: ZipArchive
  /// The folder of all entries, named after the file when it was saved; ends with a slash.
  private let root: String
  private let pickle: ZipEntry

  /// Largest size of the pickle in bytes.
  static let maximumPickleLength = 16 << 20

  /// - Throws: `CheckpointError` for archives of another kind, with the kind in its message.
  init(_ file: FileBytes) throws {
    try Self.checkKind(of: file)
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

  /// Recognizes other kinds of files that have the extensions `.pt`, `.pth` and `.bin`, for messages.
  private static func checkKind(of file: FileBytes) throws {
    let start = file.withBytes { Array($0.prefix(4)) }
    switch start {
    case [0x50, 0x4b, 0x03, 0x04]: return
    case [0x80, 0x02, 0x8a, 0x0a]:  // a pickle of PyTorch's magic number
      throw file.error(
        .unsupported,
        "is in PyTorch's legacy format, from before version 1.6, which is no zip archive; load it in PyTorch and save it"
          + " again")
    default:
      throw file.error(.unsupported, "is no PyTorch checkpoint: it does not start as a zip archive does")
    }
  }

  /// Calls `body` with the bytes of `data.pkl`.
  func withPickle<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    try archive.content(of: pickle).withBytes(body)
  }

  /// The bytes of a storage, whose number must agree with its type and count.
  func source(of storage: PickleStorage) throws -> ByteSource {
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
