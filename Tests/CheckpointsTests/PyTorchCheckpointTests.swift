import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct PyTorchCheckpointTests {
  /// Stored by PyTorch, by other tools, deflated, as `{"model": …}` and bare: always the same tensors as in
  /// safetensors.
  @Test(
    arguments: [
      "model.pt", "bare.pt", "bare_protocol4.pt", "deflated.pt", "restored.pt", "restored_zip64.pt", "legacy.pt",
    ], [true, false])
  func readsAllFormsOfTheSameTensors(name: String, memoryMapped: Bool) throws {
    let checkpoint = try PyTorchCheckpoint(path: fixture(name), memoryMapped: memoryMapped)
    let expected = try SafetensorsFile(path: fixture("plain.safetensors"))
    #expect(checkpoint.tensors.map(\.name).prefix(3) == ["float32", "parameter", "frozen"])
    #expect(Set(checkpoint.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in expected.tensors {
      let found = try #require(checkpoint[name: tensor.name])
      #expect(found.elementType == tensor.elementType, "\(tensor.name)")
      #expect(found.shape == tensor.shape, "\(tensor.name)")
      #expect(try found.bytes() == tensor.bytes(), "\(tensor.name)")
    }
  }

  /// Modules' state, with versions of the modules beside it, optimizer, scheduler, and numbers of all sorts.
  @Test func readsPastEverythingBesideTheModel() throws {
    let checkpoint = try PyTorchCheckpoint(path: fixture("detectron2.pt"))
    #expect(
      checkpoint.tensors.map(\.name) == [
        "linear.weight", "linear.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
        "norm.num_batches_tracked",
      ])
    #expect(checkpoint[name: "linear.weight"]?.shape == [2, 3])
    #expect(try checkpoint[name: "norm.num_batches_tracked"]?.bytes() == littleEndianBytes(1))
    #expect(checkpoint[name: "optimizer"] == nil)
  }

  @Test func readsTensorsOfADictionaryThatIsNamedModelByChance() throws {
    let root = Pickle.dictionary(["model": .tensor(.storage(count: 1), shape: [1], strides: [1])])
    let file = FileBytes(Zip.checkpoint(root.program, storages: ["0": [0, 0, 128, 63]]), name: "test.pt")
    #expect(try PyTorchCheckpoint(file)[name: "model"]?.floats() == [1])
  }

  @Test func aTensorKeepsItsFileOpen() throws {
    let tensor = try #require(PyTorchCheckpoint(path: fixture("model.pt"))[name: "float16"])
    #expect(try tensor.floats().prefix(5) == [0, 0, 1, -2.5, 65504])
  }
  private static let otherKinds: [(String, CheckpointError.Code, String)] = [
    ("script.pt", CheckpointError.Code.unsupported, "TorchScript"),
    ("big_endian.pt", .unsupported, "little-endian"),
    ("whole_module.pt", .unsupported, "an object of \"__main__.Net\" instead of a dictionary"),
    ("sparse.pt", .unsupported, "an object of \"torch._utils._rebuild_sparse_tensor\" under the name \"weight\""),
    ("not_a_tensor.pt", .unsupported, "a number under the name \"version\" in \"model\""),
    ("list.pt", .unsupported, "a list instead of a dictionary"),
    ("expanded.pt", .malformed, "shows an element twice"),
    ("plain.safetensors", .unsupported, "is no PyTorch checkpoint"),
  ]

  @Test(arguments: otherKinds)
  func refusesOtherKindsOfCheckpoint(name: String, code: CheckpointError.Code, text: String) throws {
    let path = try fixture(name)
    expectRefused(code, text) { _ = try PyTorchCheckpoint(path: path) }
  }
  private static let outside: [(Int, [Int], [Int])] = [
    (0, [13], [1]), (12, [1], [1]), (1, [3, 4], [4, 1]), (-1, [1], [1]), (0, [-1], [1]), (0, [2], [-1]),
    (0, [4], [0]), (0, [3, 3], [1, 1]), (0, [2, 3], [2, 1]), (0, [2, 2], [1]), (0, [.max, .max], [1, 1]),
    (0, [2], [.max]), (.max, [1], [1]), (5, [2, 2], [.max / 2, 1]), (0, [0, .max, 3], [1, 1, 1]),
    (0, [-1, 0], [1, 1]),
  ]

  /// Views of a storage of 12 elements that exceed it, or overlap.
  @Test(arguments: outside)
  func refusesViewsOutsideOfTheirStorage(offset: Int, shape: [Int], strides: [Int]) {
    let tensor = Pickle.tensor(.storage(count: 12), offset: offset, shape: shape, strides: strides)
    let bytes = Zip.checkpoint(
      Pickle.dictionary(["weight": tensor]).program, storages: ["0": [UInt8](repeating: 0, count: 48)])
    expectRefused(.malformed, "holds a tensor of shape \(shape)") {
      _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))
    }
  }
  private static let inside: [(Int, [Int], [Int], [Int])] = [
    (11, [1], [Int.max], [11]), (0, [1, 2], [0, 1], [0, 1]), (0, [2, 1], [6, .max], [0, 6]), (12, [0], [1], []),
    (2, [2, 2], [1, 5], [2, 7, 3, 8]), (3, [], [], [3]), (0, [2, 1, 2], [1, .max, 2], [0, 2, 1, 3]),
  ]

  /// The stride of an axis of size 1 is ignored.
  @Test(arguments: inside)
  func readsEveryViewInsideOfItsStorage(offset: Int, shape: [Int], strides: [Int], expected: [Int]) throws {
    let tensor = Pickle.tensor(
      .storage("ByteStorage", count: 12), offset: offset, shape: shape, strides: strides)
    let bytes = Zip.checkpoint(Pickle.dictionary(["weight": tensor]).program, storages: ["0": Array(0..<12)])
    let checkpoint = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))
    #expect(try checkpoint[name: "weight"]?.bytes() == expected.map(UInt8.init))
  }

  @Test func refusesManyLargeTensorsOfOneSmallStorage() {
    let tensor = Pickle.tensor(.storage("ByteStorage", count: 100), shape: [100], strides: [1])
    let root = Pickle.dictionary((0..<5).map { (.text("weight\($0)"), tensor) })
    let bytes = Zip.checkpoint(root.program, storages: ["0": [UInt8](repeating: 0, count: 100)])
    expectRefused(.tooLarge, "makes 500 bytes of tensors out of 100 bytes of storages") {
      _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))
    }
  }

  @Test(arguments: [
    ("DoubleStorage", "0", 2, "16 bytes"), ("FloatStorage", "0", 5, "16 bytes"),
    ("FloatStorage", "0", .max, "16 bytes"),
    ("FloatStorage", "1", 4, "lacks storage \"1\""), ("FloatStorage", "../data/0", 4, "lacks storage"),
  ])
  func refusesStoragesThatAreNotAsThePickleSays(type: String, key: String, count: Int, text: String) {
    let tensor = Pickle.tensor(.storage(type, key: key, count: count), shape: [1], strides: [1])
    let size = type == "DoubleStorage" ? 24 : 16
    let bytes = Zip.checkpoint(
      Pickle.dictionary(["weight": tensor]).program, storages: ["0": [UInt8](repeating: 0, count: size)])
    expectRefused(.malformed, text.replacing("16 bytes", with: "\(size) bytes")) {
      _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))
    }
  }
}
