/// The file that `torch.save` wrote around its pickles and storages: a zip archive since version 1.6, before that one
/// pickle behind the other.
enum PyTorchContainer {
  case archive(PyTorchArchive)
  case legacy(LegacyCheckpoint)

  /// - Throws: `CheckpointError` for a file of another kind, with the kind in its message where it is a usual one.
  init(_ file: FileBytes) throws {
    let start = file.withBytes { Array($0.prefix(512)) }
    if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
      self = .archive(try PyTorchArchive(file))
    } else if LegacyCheckpoint.isStart(start) {
      self = .legacy(LegacyCheckpoint(file: file))
    } else {
      throw file.error(.unsupported, Self.describe(start))
    }
  }

  /// What other files with the extensions of checkpoints are, and what to do with them.
  private static func describe(_ start: [UInt8]) -> String {
    if start.isEmpty { return "is empty" }
    if start.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") {
      return
        "is JSON, perhaps the index of a checkpoint in several files: load these in Python and save one state dictionary"
    }
    if start.starts(with: "version https://git-lfs".utf8) {
      return "is a pointer of Git LFS, not the checkpoint itself: get that with git lfs pull"
    }
    if start.starts(with: [0x1f, 0x8b]) { return "is compressed with gzip: unpack it first" }
    if start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      return "is an HDF5 file; save the state dictionary with torch.save, or as safetensors"
    }
    if start.dropFirst(257).starts(with: "ustar".utf8) {
      return
        "is a tar archive: unpack it, or if PyTorch wrote it so before version 0.2, load it there and save it again"
    }
    if let first = start.first(where: { !" \t\r\n".utf8.contains($0) }), first == UInt8(ascii: "<") {
      return "is a web page or XML, not a checkpoint: download the file itself"
    }
    if start.count > 1, start[0] == 0x80, (2...5).contains(start[1]) {
      return
        "is a pickle that PyTorch did not write, as of Detectron2's model zoo; load it in Python, if you trust it, turn"
        + " its arrays into tensors, and save them with torch.save"
    }
    return "is no PyTorch checkpoint: it starts neither as a zip archive nor as PyTorch's legacy format"
  }

  /// Calls `body` with what the pickle describes, and with the bytes of its storages by key.
  ///
  /// - Throws: `PickleMachine.Failure`, `CheckpointError`, and what `body` throws.
  func withContents<Result>(
    _ body: (_ root: PickleValue, _ machine: PickleMachine, _ sources: [String: ByteSource]) throws -> Result
  ) throws -> Result {
    switch self {
    case .archive(let archive): try archive.withContents(body)
    case .legacy(let legacy): try legacy.withContents(body)
    }
  }
}
