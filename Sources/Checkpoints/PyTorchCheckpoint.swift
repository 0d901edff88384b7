/// A PyTorch checkpoint as `torch.save` writes it (`.pt`, `.pth`, `.bin`), also in the legacy format of versions before
/// 1.6: the state dictionary in it.
///
/// `PickleMachine` reads the pickle, which describes the tensors, without executing code. The state dictionary is the whole
/// or the dictionary under one of the usual keys (`model`, `state_dict`, …; `StateDictionary` has them all), or in one of
/// those inside it; values beside it (optimizer, scheduler, arguments, metrics) are ignored.
///
/// As with `SafetensorsFile`, a mapped file must not be changed while this object or one of its tensors lives, and
/// `memoryMapped: false` copies it instead. Checksums of stored entries are not compared, like in PyTorch, which can
/// write wrong ones on request (`torch.serialization.set_crc32_options`).
package final class PyTorchCheckpoint: Sendable {
  /// The tensors of the state dictionary, in its order.
  package let tensors: [CheckpointTensor]
  /// The keys that lead to the state dictionary, outermost first; empty if it is the whole.
  package let path: [String]
  /// Other keys beside the first one of `path` that seem to hold a state dictionary.
  package let others: [String]
  private let indices: [String: Int]

  /// - Parameter key: The key of the state dictionary; `nil` looks for it.
  /// - Throws: `CheckpointError`: `noSuchFile`, `unreadable`, `malformed`, `unsupported` or `tooLarge`.
  package convenience init(path: String, memoryMapped: Bool = true, key: String? = nil) throws {
    try self.init(FileBytes(path: path, memoryMapped: memoryMapped), key: key)
  }

  package init(_ file: FileBytes, key: String? = nil) throws {
    let container = try PyTorchContainer(file)
    do {
      (tensors, path, others) = try container.withContents { root, machine, sources in
        let state = try StateDictionary(in: root, of: machine, key: key)
        let tensors = try state.entries.map { name, tensor in
          guard let source = sources[tensor.storage.key] else {
            throw machine.malformed("refers to storage \(tensor.storage.key.quoted), which is missing")
          }
          return CheckpointTensor(
            name: name, elementType: tensor.storage.elementType, layout: tensor.layout, source: source)
        }
        return (tensors, state.path, state.others)
      }
    } catch let failure as PickleMachine.Failure {
      throw file.error(failure.code, "holds a pickle that \(failure.problem)")
    }
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor with this name; `nil` if there is none.
  package subscript(name name: String) -> CheckpointTensor? { indices[name].map { tensors[$0] } }
}
