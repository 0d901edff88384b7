import Checkpoints
import TestSupport
import Testing

/// Randomly damaged files: each is read or rejected with a `CheckpointError`; nothing traps, and the size of the
/// tensors stays within the limits for the file's size.
@Suite(.timeLimit(.minutes(10))) struct FuzzTests {
  @Test(arguments: 0..<4)
  func safetensors(seed: UInt64) throws {
    let original = try fixtureBytes("plain.safetensors")
    // Mostly the header, where damage matters most.
    let small = Array(
      "{\"__metadata__\":{\"a\":\"\\u00e9\"},\"a\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]}}".utf8)
    let file = littleEndianBytes(UInt64(small.count)) + small + [UInt8](repeating: 1, count: 8)
    var mutator = CheckpointMutator(seed: seed)
    for round in 0..<3000 {
      let bytes = mutator.mutate(round.isMultiple(of: 4) ? original : file)
      try survives(bytes, limit: bytes.count) { try SafetensorsFile($0).tensors }
    }
  }

  @Test(arguments: [
    "model.pt", "deflated.pt", "bare_protocol4.pt", "restored_zip64.pt", "detectron2.pt", "legacy.pt",
    "field_beside2.pt", "field_beside4.pt", "field_legacy4.pt",
  ])
  func archives(name: String) throws {
    let original = try fixtureBytes(name)
    var mutator = CheckpointMutator(seed: UInt64(original.count))
    for _ in 0..<2000 {
      let bytes = mutator.mutate(original)
      try survives(bytes, limit: 4 * (64 * bytes.count + 1 << 20)) { try PyTorchCheckpoint($0).tensors }
    }
  }

  @Test(arguments: 0..<4)
  func pickles(seed: UInt64) throws {
    let parameter = Pickle.call(
      .global("torch._utils._rebuild_parameter"),
      .tuple([
        .tensor(.storage("HalfStorage", count: 6), shape: [2, 3], strides: [1, 2]), .boolean(true), .orderedDictionary,
      ]))
    let strided = Pickle.tensor(.storage("HalfStorage", count: 6), offset: 1, shape: [2, 2], strides: [3, 1])
    let original = Pickle.dictionary([
      "model": .dictionary(["a": strided, "b": parameter]), "iteration": .integer(7),
      "optimizer": .list([.tuple([.float, .none]), .opcodes([0x7d, 0x71, 3, 0x68, 3, 0x86, 0x72, 9, 0, 0, 0])]),
    ]).program
    var mutator = CheckpointMutator(seed: seed)
    for _ in 0..<5000 {
      let bytes = Zip.checkpoint(mutator.mutate(original), storages: ["0": [UInt8](0..<12)])
      try survives(bytes, limit: 4 * 12) { try PyTorchCheckpoint($0).tensors }
    }
  }

  private func survives(
    _ bytes: [UInt8], limit: Int, _ read: (FileBytes) throws -> [CheckpointTensor]
  ) throws {
    do {
      let tensors = try read(FileBytes(bytes, name: "fuzz"))
      #expect(tensors.reduce(0) { $0 + $1.byteCount } <= limit)
      for tensor in tensors {
        #expect(try tensor.bytes().count == tensor.byteCount)
        if [.float16, .bfloat16, .float32].contains(tensor.elementType) {
          #expect(try tensor.floats().count == tensor.count)
        }
      }
    } catch is CheckpointError {}
  }
}
