// Readers of weights and checkpoints.

let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "safetensors": { read($0, limit: $0.count) { try SafetensorsFile($0).tensors } },
  // Whole files: the zip archive, and the legacy format.
  "zip": { read($0, limit: 4 * (64 * $0.count + 1 << 20)) { try PyTorchCheckpoint($0).tensors } },
  "pickle": pickle,
]

/// Tensors that are read take no more memory than the file justifies, and give their bytes.
private func read(_ bytes: [UInt8], limit: Int, _ tensors: (FileBytes) throws -> [CheckpointTensor]) {
  do {
    let tensors = try tensors(FileBytes(bytes, name: "fuzz"))
    let size = tensors.reduce(0) { $0 + $1.byteCount }
    require(size <= limit, "\(size) bytes of tensors of a file of \(bytes.count)")
    for tensor in tensors {
      let found = try tensor.withBytes { $0.count }
      require(found == tensor.byteCount, "\(found) bytes of \(tensor.name)")
      if [.float16, .bfloat16, .float32].contains(tensor.elementType) {
        let floats = try tensor.floats()
        require(floats.count == tensor.count, "\(floats.count) elements of \(tensor.name)")
      }
    }
  } catch {
    require(error is CheckpointError, "\(error)")
    require("\(error)".utf8.count < 4000, "a message of \("\(error)".utf8.count) bytes")
  }
}

/// A pickle alone: its tensors take no more memory than the storages that it names, each four times at most.
private func pickle(_ bytes: [UInt8]) {
  bytes.withUnsafeBytes { bytes in
    do {
      var machine = try PickleMachine(bytes)
      let root = try machine.run()
      let tensors = try StateDictionary(in: root, of: machine).entries.map(\.tensor)
      let sizes = tensors.map { $0.storage.elementType.byteCount(of: $0.layout.shape) ?? .max }
      let most = machine.storages.values.map { $0.elementType.byteCount(of: [$0.count]) ?? .max / 8 }
      require(sizes.allSatisfy { size in most.contains { size <= $0 } }, "\(sizes) of \(most)")
    } catch let failure as PickleMachine.Failure {
      require(failure.problem.utf8.count < 4000, "a message of \(failure.problem.utf8.count) bytes")
    } catch {
      fatalError("\(error)")
    }
  }
}
