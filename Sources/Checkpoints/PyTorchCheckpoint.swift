/// A PyTorch checkpoint as `torch.save` writes it since version 1.6 (`.pt`, `.pth`, `.bin`): the state dictionary in it.
///
/// The file is a zip archive of a pickle, which describes the tensors, and one entry a storage. The pickle is read by a
/// machine that executes nothing (`PickleMachine`). The state dictionary is what stands under `model`, where that is a
/// dictionary, and else the whole; values beside `model` (optimizer, scheduler, iteration) are read past.
///
/// As with `SafetensorsFile`, a mapped file must not be changed while this object or one of its tensors lives, and
/// `memoryMapped: false` copies it instead. Checksums of stored entries are not compared, like in PyTorch, which can
/// write wrong ones on request (`torch.serialization.set_crc32_options`).
package final class PyTorchCheckpoint: Sendable {
  /// The state dictionary, in its own order.
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
        // Once a storage, so that what tensors share is inflated once.
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

  /// The tensor of that name, or nil.
  package subscript(name name: String) -> CheckpointTensor? { indices[name].map { tensors[$0] } }
}
