/// The named tensors of a training checkpoint of any format that is read: PyTorch's, new or legacy, or safetensors.
package struct TrainingCheckpoint: Sendable {
  package private(set) var tensors: [CheckpointTensor]
  /// The keys that lead to the state dictionary, outermost first; empty if it is the whole file.
  package let path: [String]
  /// Other keys of the file that seem to hold a state dictionary.
  package let others: [String]
  /// The metadata of a safetensors file; empty for other formats.
  package let metadata: [String: String]
  private var indices: [String: Int] = [:]

  /// - Parameters:
  ///   - path: The file; its contents determine the format.
  ///   - key: The key of the state dictionary, for formats that have such; `nil` looks for it.
  ///   - root: The first component of a tensor's name that every checkpoint has. What wrappers of modules put before it
  ///     (`module.`, `_orig_mod.`, `model.`) is removed from all names.
  /// - Throws: `CheckpointError`: `noSuchFile`, `unreadable`, `malformed`, `unsupported` or `tooLarge`.
  package init(path: String, key: String? = nil, root: String? = nil) throws {
    let file = try FileBytes(path: path, memoryMapped: true)
    if Self.isSafetensors(file) {
      let safetensors = try SafetensorsFile(file)
      if let key {
        throw file.error(.unsupported, "is a safetensors file, which has no key \(key.quoted) but tensors alone")
      }
      (tensors, self.path, others, metadata) = (safetensors.tensors, [], [], safetensors.metadata)
    } else {
      let checkpoint = try PyTorchCheckpoint(file, key: key)
      (tensors, self.path, others, metadata) = (checkpoint.tensors, checkpoint.path, checkpoint.others, [:])
    }
    if let root { removeWrappers(before: root) }
    for (index, tensor) in tensors.enumerated() {
      guard indices.updateValue(index, forKey: tensor.name) == nil else {
        throw file.error(
          .malformed, "holds the tensor \(tensor.name.quoted) twice, with and without a wrapper's prefix")
      }
    }
  }

  /// The tensor with this name; `nil` if there is none.
  package subscript(name name: String) -> CheckpointTensor? { indices[name].map { tensors[$0] } }

  /// A JSON object behind the eight bytes of its length.
  private static func isSafetensors(_ file: FileBytes) -> Bool {
    file.withBytes { bytes in
      guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
      return bytes[6] == 0 && bytes[7] == 0
    }
  }

  /// Removes what precedes `root` in the first name that has it as a component, unless a name begins with it.
  private mutating func removeWrappers(before root: String) {
    let component = "\(root)."
    guard !tensors.contains(where: { $0.name.hasPrefix(component) }) else { return }
    let prefixes = tensors.lazy.compactMap { tensor in
      tensor.name.firstRange(of: ".\(component)").map { tensor.name[...$0.lowerBound] }
    }
    guard let prefix = prefixes.first else { return }
    tensors = tensors.map { $0.name.hasPrefix(prefix) ? $0.renamed(String($0.name.dropFirst(prefix.count))) : $0 }
  }
}
