import Checkpoints
import Foundation
import TestSupport
import Testing

/// Checkpoints as training programs leave them: weights among objects of all kinds, under all sorts of keys.
@Suite(.timeLimit(.minutes(10))) struct FieldCheckpointTests {
  private func expectWeights(_ checkpoint: PyTorchCheckpoint, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    #expect(Set(checkpoint.tensors.map(\.name)) == ["weight", "bias"], sourceLocation: sourceLocation)
    #expect(checkpoint[name: "weight"]?.shape == [2, 3], sourceLocation: sourceLocation)
    #expect(try checkpoint[name: "weight"]?.floats() == [1, 2, 3, 4, 5, 6], sourceLocation: sourceLocation)
    #expect(try checkpoint[name: "bias"]?.floats() == [7, 8], sourceLocation: sourceLocation)
  }

  /// NumPy values, counters, arguments, paths, dates, sets, objects of a program's own classes, in several protocols.
  @Test(arguments: [
    "field_beside2.pt", "field_beside4.pt", "field_beside5.pt", "field_legacy.pt", "field_legacy4.pt",
    "field_attributes.pt",
  ])
  func readsWhateverLiesBesideTheWeights(name: String) throws {
    try expectWeights(PyTorchCheckpoint(path: fixture(name)))
  }

  @Test func readsAveragesOfWeights() throws {
    let checkpoint = try PyTorchCheckpoint(path: fixture("field_average.pt"))
    #expect(checkpoint.tensors.map(\.name) == ["n_averaged", "module.weight", "module.bias"])
    #expect(checkpoint.path == ["ema_state_dict"])
  }

  @Test func readsFilesWithNumPyValuesAndNoWeightsAtAll() throws {
    #expect(try PyTorchCheckpoint(path: fixture("numpy.pt")).tensors.isEmpty)
  }

  private static let refused = [
    ("field_module.pt", "an object of \"__main__.Net\" under the key \"model\" instead of a dictionary"),
    ("field_module_legacy.pt", "an object of \"__main__.Net\" instead of a dictionary"),
    ("field_enum.pt", "calls \"__main__.Setting\", which is not done here"),
  ]

  @Test(arguments: refused)
  func saysWhatToDoWithTheOthers(name: String, text: String) throws {
    let path = try fixture(name)
    expectRefused(.unsupported, text) { _ = try PyTorchCheckpoint(path: path) }
    expectRefused(.unsupported, "PyTorch") { _ = try PyTorchCheckpoint(path: path) }
  }

  private static let weights = Pickle.dictionary([
    "weight": .tensor(.storage(key: "0", count: 6), shape: [2, 3], strides: [3, 1]),
    "bias": .tensor(.storage(key: "1", count: 2), shape: [2], strides: [1]),
  ])
  private static let values: (weight: [UInt8], bias: [UInt8]) = (
    (1...6).flatMap { littleEndianBytes(Float($0).bitPattern) },
    [7, 8].flatMap { littleEndianBytes(Float($0).bitPattern) }
  )

  private func checkpoint(_ root: Pickle, key: String? = nil) throws -> PyTorchCheckpoint {
    let bytes = Zip.checkpoint(root.program, storages: ["0": Self.values.weight, "1": Self.values.bias])
    return try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"), key: key)
  }

  @Test(arguments: [
    "model", "state_dict", "model_state_dict", "model_state", "module", "network", "net", "params", "weights", "ema",
    "model_ema", "ema_model", "ema_state_dict", "state_dict_ema", "ema_state", "params_ema", "shadow",
  ])
  func findsTheStateDictionaryUnderItsUsualKeys(key: String) throws {
    let metric = Pickle.tensor(.storage(key: "1", count: 2), shape: [], strides: [])
    let root = Pickle.dictionary([
      "epoch": .integer(3), "loss": metric, key: Self.weights, "optimizer": .dictionary([]),
    ])
    try expectWeights(checkpoint(root))
    let nested = try checkpoint(
      .dictionary(["best": .float, key: .dictionary(["module": Self.weights, "n": .integer(1)])]))
    try expectWeights(nested)
    #expect(nested.path == [key, "module"])
  }

  @Test func prefersTheWeightsToTheirAverage() throws {
    let average = Pickle.dictionary(["bias": .tensor(.storage(key: "1", count: 2), shape: [1], strides: [1])])
    let root = Pickle.dictionary(["model_ema": average, "odd": .dictionary(["a": Self.weights]), "model": Self.weights])
    let checkpoint = try checkpoint(root)
    try expectWeights(checkpoint)
    #expect(checkpoint.path == ["model"])
    #expect(checkpoint.others == ["model_ema"])
    #expect(try self.checkpoint(root, key: "model_ema").tensors.map(\.shape) == [[1]])
    #expect(try self.checkpoint(root, key: "model_ema").path == ["model_ema"])
    expectRefused(.unsupported, "nothing under the key \"ema\", but under \"model_ema\", \"odd\", \"model\"") {
      _ = try self.checkpoint(root, key: "ema")
    }
  }

  @Test func saysWhichKeysThereAreWhereNoneIsUsual() {
    let root = Pickle.dictionary(["epoch": .integer(1), "teacher": Self.weights])
    expectRefused(.unsupported, "holds no tensors, but the keys \"epoch\", \"teacher\"; name the one") {
      _ = try checkpoint(root)
    }
    #expect(throws: Never.self) { try expectWeights(checkpoint(root, key: "teacher")) }
  }

  /// Dictionaries as Python 2 wrote them, tensors as PyTorch did before version 0.4, storages of a GPU.
  @Test func readsOldPickles() throws {
    let python2 = { (text: String) in Pickle.opcodes([0x55, UInt8(text.utf8.count)] + text.utf8) }
    let tensor = { (key: String, shape: [Int], strides: [Int]) -> Pickle in
      let storage = Pickle.persistent(
        .tuple([
          python2("storage"), .global("torch.cuda.FloatStorage"), python2(key), python2("cuda:0"),
          .integer(shape.reduce(1, *)),
        ]))
      let integers = { (list: [Int]) in Pickle.tuple(list.map(Pickle.integer)) }
      return .call(
        .global("torch._utils._rebuild_tensor"), .tuple([storage, .integer(0), integers(shape), integers(strides)]))
    }
    let pairs = Pickle.list([
      .list([python2("weight"), tensor("0", [2, 3], [3, 1])]), .tuple([python2("bias"), tensor("1", [2], [1])]),
    ])
    let state = Pickle.call(.global("collections.OrderedDict"), .tuple([pairs]))
    let args = Pickle.opcodes(
      Pickle.global("argparse.Namespace").opcodes + [0x29, 0x81, 0x7d, 0x55, 1, 0xff, 0x4e, 0x73, 0x62])
    try expectWeights(checkpoint(.dictionary(["state_dict": state, "args": args])))
  }

  /// A list that many dictionaries are made of is used once, so that memory is bounded by the length of the pickle.
  @Test func aListMakesOneDictionary() throws {
    let list = Pickle.list([Pickle](repeating: .list([.none, .none]), count: 20_000))
    let call = Pickle.global("collections.OrderedDict").opcodes + [0x68, 0, 0x85, 0x52]
    let calls = (0..<20_000).flatMap { _ in call }
    let many = Pickle.opcodes(list.opcodes + [0x71, 0, 0x28] + calls + [0x74, 0x86])
    try expectWeights(checkpoint(.dictionary(["model": Self.weights, "other": many])))
  }

  // MARK: The legacy format

  private static let magic: [UInt8] = [
    0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  private static func legacy(
    version: Int = 1001, isLittleEndian: Bool = true, keys: [String] = ["0", "1"], counts: [Int] = [6, 2]
  ) -> [UInt8] {
    let system = Pickle.dictionary(["protocol_version": .integer(1001), "little_endian": .boolean(isLittleEndian)])
    let programs = [
      Pickle.integer(version), system, .dictionary(["model": weights]), .list(keys.map(Pickle.text)),
    ]
    let storages = zip(counts, [values.weight, values.bias]).flatMap { littleEndianBytes($0) + $1 }
    return magic + programs.flatMap(\.program) + storages
  }

  @Test func readsTheLegacyFormat() throws {
    let file = Self.legacy()
    try expectWeights(PyTorchCheckpoint(FileBytes(file, name: "test.pt")))
    // What follows the storages is not PyTorch's.
    try expectWeights(PyTorchCheckpoint(FileBytes(file + [1, 2, 3], name: "test.pt")))
  }

  private static let legacyDamages: [([UInt8], CheckpointError.Code, String)] = [
    (legacy(version: 1000), .unsupported, "legacy format of a version other than 1001"),
    (legacy(isLittleEndian: false), .unsupported, "little-endian"),
    (legacy(keys: ["0"], counts: [6]), .malformed, "lacks storage \"1\""),
    (legacy(keys: ["0", "0"], counts: [6, 6]), .malformed, "lists storage \"0\" twice"),
    (legacy(keys: ["0", "2"]), .malformed, "lists a storage to which its pickle does not refer"),
    (legacy(counts: [6, 3]), .malformed, "holds storage \"1\" of 3 elements, where its pickle says 2"),
    (legacy(counts: [6, -1]), .malformed, "holds storage \"1\" of -1 elements"),
    (Array(legacy().dropLast()), .malformed, "storage \"1\" has 7 bytes of 8"),
    (Array(legacy().dropLast(12)), .malformed, "ends before storage \"1\""),
    (magic, .malformed, "holds a pickle that does not start"),
  ]

  @Test(arguments: legacyDamages)
  func refusesDamagedLegacyFiles(bytes: [UInt8], code: CheckpointError.Code, text: String) {
    expectRefused(code, text) { _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt")) }
  }

  @Test func refusesLegacyFilesThatAreCutOffAnywhere() throws {
    let file = Self.legacy()
    for count in 0..<file.count {
      #expect(throws: CheckpointError.self) { try PyTorchCheckpoint(FileBytes(Array(file[..<count]), name: "test.pt")) }
    }
  }

  private static let kinds: [([UInt8], String)] = [
    (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8), "git lfs pull"),
    ([0x1f, 0x8b, 8], "unpack it first"), (Array("\n<!DOCTYPE html><html>".utf8), "is a web page"),
    ([0x89] + "HDF\r\n".utf8, "HDF5"), ([UInt8](repeating: 0, count: 257) + "ustar".utf8, "is a tar archive"),
    (Pickle.dictionary(["model": .dictionary([:])]).program, "is a pickle that PyTorch did not write"),
    (Array("PK\u{5}\u{6}".utf8), "is no PyTorch checkpoint"),
  ]

  @Test(arguments: kinds)
  func saysWhatOtherFilesAre(bytes: [UInt8], text: String) {
    expectRefused(.unsupported, text) { _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt")) }
  }
}
