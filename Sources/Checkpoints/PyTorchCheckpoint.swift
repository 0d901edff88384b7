/// A PyTorch checkpoint as `torch.save` writes it since version 1.6 (`.pt`, `.pth`, `.bin`): the state dictionary in
/// it.
///
/// The file is a zip archive of a pickle, which describes the tensors, and one entry per storage. `PickleMachine` reads
/// the pickle without executing code. The state dictionary is the value of the key `model` if that is a dictionary,
/// else the whole; values beside `model` (optimizer, scheduler, iteration) are ignored.
///
/// As with `SafetensorsFile`, a mapped file must not be changed while this object or one of its tensors lives, and
/// `memoryMapped: false` copies it instead. Checksums of stored entries are not compared, like in PyTorch, which can
/// write wrong ones on request (`torch.serialization.set_crc32_options`).
package final class PyTorchCheckpoint: Sendable {
  /// The tensors of the state dictionary, in its order.
  package let tensors: [CheckpointTensor]
  private let indices: [String: Int]

  /// - Throws: `CheckpointError`: `noSuchFile`, `unreadable`, `malformed`, `unsupported` or `tooLarge`.
  package convenience init(path: String, memoryMapped: Bool = true) throws {
    try self.init(FileBytes(path: path, memoryMapped: memoryMapped))
  }

  package init(_ file: FileBytes) throws {
    let archive = try PyTorchArchive(file)
    do {
      tensors = try archive.withPickle { bytes in
        var machine = try PickleMachine(bytes)
        let root = try machine.run()
        // One source per storage, so that a storage that tensors share is inflated once.
        let sources = try machine.storages.mapValues { try archive.source(of: $0) }
        return try StateDictionary(in: root, of: machine).entries.map { name, tensor in
          let source = try sources[tensor.storage.key] ?? archive.source(of: tensor.storage)
          return CheckpointTensor(
            name: name, elementType: tensor.storage.elementType, layout: tensor.layout, source: source)
        }
      }
    } catch let failure as PickleMachine.Failure {
      throw file.error(failure.code, "holds a pickle that \(failure.problem)")
    }
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor with this name; `nil` if there is none.
  package subscript(name name: String) -> CheckpointTensor? { indices[name].map { tensors[$0] } }
}
