import Checkpoints
import TestSupport
import Testing

/// Pickles that are rejected, with a message that names what they asked for. Nothing is ever executed.
@Suite(.timeLimit(.minutes(10))) struct PickleRefusalTests {
  private static let tensor = Pickle.tensor(.storage("ByteStorage", count: 1), shape: [1], strides: [1])

  private func refuse(
    _ program: [UInt8], _ code: CheckpointError.Code, _ text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let bytes = Zip.checkpoint(program, storages: ["0": [0]])
    expectRefused(code, text, sourceLocation: sourceLocation) {
      _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))
    }
  }

  private static let dangerous = [
    "os.system", "posix.system", "nt.system", "builtins.eval", "builtins.exec", "__builtin__.getattr",
    "builtins.__import__", "subprocess.Popen", "os.path.join", "runpy.run_path", "importlib.import_module",
    "shutil.rmtree", "socket.socket", "operator.attrgetter", "webbrowser.open", "pickle.loads", "ctypes.CDLL",
  ]
  private static let functions = [
    "torch.load", "torch.jit._pickle.build_intlist", "torch.FloatStorage.__init__", "torch.storage._load_from_bytes",
    "torch.hub.load", "numpy.load", "__main__.Setting", "pathlib.PosixPath.unlink", "collections.namedtuple",
    "functools.reduce", "idlelib.pyshell.ModifiedInterpreter", "a.os.system",
  ]

  @Test(arguments: dangerous + functions)
  func refusesCallsOfFunctions(name: String) {
    let call = Pickle.call(.global(name), .tuple([.text("true")]))
    refuse(Pickle.dictionary(["model": call]).program, .unsupported, "\"\(name)\"")
    let weights = Pickle.dictionary(["a": Self.tensor])
    refuse(Pickle.dictionary(["model": weights, "other": call]).program, .unsupported, "\"\(name)\"")
    // Also with protocol 4's opcodes, and if the value is discarded.
    refuse([0x80, 4] + Self.stackGlobal(name) + [0x29, 0x52, 0x30], .unsupported, "\"\(name)\"")
  }

  /// Names of what runs programs are refused even if they are only named, or make an object.
  @Test(arguments: dangerous)
  func refusesNamesOfWhatRunsPrograms(name: String) {
    refuse(Pickle.dictionary(["model": .global(name)]).program, .unsupported, "asks for \"\(name)\"")
    refuse([0x80, 4] + Self.stackGlobal(name), .unsupported, "asks for \"\(name)\"")
  }

  private static func stackGlobal(_ name: String) -> [UInt8] {
    let parts = name.split(separator: ".").map(String.init)
    let module = Pickle.text(parts.dropLast().joined(separator: ".")).opcodes
    return module + Pickle.text(parts[parts.count - 1]).opcodes + [0x93]
  }

  private static let requests: [(Pickle, String)] = [
    (.call(.text("os.system"), .tuple([])), "calls a string"),
    (.call(.list([]), .tuple([])), "calls a list"),
    (.call(tensor, .tuple([])), "calls a tensor"),
    (.call(.global("torch.FloatStorage"), .tuple([])), "calls torch.FloatStorage"),
    (.call(.global("collections.OrderedDict"), .tuple([.none])), "calls collections.OrderedDict with arguments"),
    (
      .call(.global("collections.OrderedDict"), .tuple([.list([.list([.none])])])),
      "calls collections.OrderedDict with arguments"
    ),
    (.opcodes(Pickle.global("torch.FloatStorage").opcodes + [0x29, 0x81]), "makes an object of the name"),
    (.opcodes(Pickle.text("a").opcodes + [0x29, 0x81]), "makes an object of a string"),
    (.opcodes(Pickle.text("a").opcodes + [0x29, 0x7d, 0x92]), "makes an object of a string"),
    (.opcodes([0x5d, 0x28, 0x4e, 0x90]), "adds items to a list"),
    (.call(.global("torch._utils._rebuild_parameter"), .tuple([tensor])), "_rebuild_parameter with arguments"),
    (.call(.global("torch._utils._rebuild_tensor_v2"), .tuple([])), "_rebuild_tensor_v2 with arguments"),
    (.tensor(.text("0"), shape: [], strides: []), "_rebuild_tensor_v2 with arguments"),
    (.tensor(.storage(count: 1), shape: [1], strides: [1], hooks: .none), "_rebuild_tensor_v2 with arguments"),
    (
      .tensor(.storage(count: 1), shape: [Int](repeating: 1, count: 65), strides: [Int](repeating: 1, count: 65)),
      "_rebuild_tensor_v2 with arguments"
    ),
    (.persistent(.text("http://example.org")), "refers to something outside"),
    (
      .persistent(.tuple([.text("module"), .none, .text("0"), .text("cpu"), .integer(1)])),
      "refers to something outside"
    ),
    (.storage(count: -1), "refers to something outside"),
    (.opcodes(Pickle.text("a").opcodes + Pickle.dictionary([:]).opcodes + [0x62]), "sets the state of a string"),
    (.opcodes([0x5d] + Pickle.tuple([]).opcodes + [0x62]), "sets the state of a list"),
    (.opcodes(Pickle.text("a").opcodes + [0x4e, 0x61]), "appends to a string"),
    (.opcodes([0x4e, 0x4e, 0x4e, 0x73]), "sets items of None"),
    (.opcodes([0x5d, 0x71, 0, 0x68, 0, 0x61]), "contains itself"),
    (.opcodes([0x7d, 0x71, 0, 0x4e, 0x68, 0, 0x85, 0x73]), "contains itself"),
    (tensor, "is a tensor instead of a dictionary"),
    (.dictionary([(.integer(1), tensor)]), "a number for a name, where a string is expected"),
    (.dictionary(["model": .dictionary(["a": .dictionary([:])])]), "a dictionary under the name \"a\" in \"model\""),
  ]

  @Test(arguments: requests)
  func refusesWhatNoStateDictionaryNeeds(pickle: Pickle, text: String) {
    refuse(pickle.program, .unsupported, text)
  }

  /// INST, OBJ, EXT1, EXT2, EXT4, PERSID, GET of protocol 0, NEXT_BUFFER.
  @Test(arguments: [0x69, 0x6f, 0x82, 0x83, 0x84, 0x50, 0x67, 0x97] as [UInt8])
  func refusesOtherOpcodes(opcode: UInt8) {
    refuse([0x80, 2, 0x29, opcode], .unsupported, "uses opcode 0x\(String(opcode, radix: 16))")
  }
  private static let damages: [([UInt8], String)] = [
    ([], "does not start"), ([0x80], "does not start"), ([0x80, 1, 0x4e, 0x2e], "does not start"),
    ([0x80, 6, 0x4e, 0x2e], "does not start"), ([0x28, 0x2e], "does not start"), ([0x80, 2], "is cut off"),
    ([0x80, 2, 0x2e], "empty stack"), ([0x80, 2, 0x4e, 0x85], "is cut off"), ([0x80, 2, 0x86, 0x2e], "empty stack"),
    ([0x80, 2, 0x4e, 0x4e, 0x2e], "before it is complete"), ([0x80, 2, 0x4e, 0x28, 0x2e], "empty stack"),
    ([0x80, 2, 0x74, 0x2e], "closes what was not opened"), ([0x80, 2, 0x4e, 0x28, 0x85], "empty stack"),
    ([0x80, 2, 0x71, 0], "empty stack"), ([0x80, 2, 0x68, 5], "recalls memo 5"),
    ([0x80, 2, 0x6a, 255, 255, 255, 255], "recalls memo 4294967295"), ([0x80, 2, 0x80, 2], "second start"),
    ([0x80, 2, 0x7d, 0x28, 0x4e, 0x75], "without a value"), ([0x80, 2, 0x58, 255, 255, 255, 255, 65], "is cut off"),
    ([0x80, 2, 0x58, 2, 0, 0, 0, 0xc3, 0x28, 0x2e], "not UTF-8"), ([0x80, 2, 0x8a, 9, 1], "is cut off"),
    ([0x80, 2, 0x63, 0x6f, 0x73], "names nothing"), ([0x80, 4, 0x95, 1], "is cut off"),
    ([0x80, 4, 0x4e, 0x4e, 0x93], "a name that is not a string"), ([0x80, 2, 0x54, 255, 255, 255, 255], "is cut off"),
    ([0x80, 3, 0x42, 255, 255, 255, 255, 65], "is cut off"), ([0x80, 3, 0x43, 2, 65], "is cut off"),
    ([0x80, 4, 0x8e] + [UInt8](repeating: 255, count: 8), "is cut off"),
    ([0x80, 4, 0x8d] + [UInt8](repeating: 255, count: 8), "is cut off"), ([0x80, 2, 0x30], "empty stack"),
    ([0x80, 2, 0x31], "closes what was not opened"), ([0x80, 2, 0x8b, 255, 255, 255, 255], "is cut off"),
  ]

  @Test(arguments: damages)
  func refusesDamage(program: [UInt8], text: String) {
    refuse(program, .malformed, text)
  }

  @Test func refusesNamesGivenTwice() {
    refuse(
      Pickle.dictionary(["a": Self.tensor, "a": Self.tensor]).program, .malformed, "has the name \"a\" twice")
    refuse(
      Pickle.dictionary(["model": .dictionary([:]), "model": .dictionary([:])]).program, .malformed, "two dictionaries")
    let other = Pickle.tensor(.storage("CharStorage", count: 1), shape: [1], strides: [1])
    refuse(Pickle.dictionary(["a": Self.tensor, "b": other]).program, .malformed, "\"0\" as two different ones")
  }

  @Test func refusesDeepNestingAndMillionsOfOpcodes() {
    refuse([0x80, 2] + [UInt8](repeating: 0x28, count: 101), .tooLarge, "nests deeper")
    refuse([0x80, 2, 0x29] + [UInt8](repeating: 0x85, count: 900_000) + [0x2e], .tooLarge, "nests deeper")
    let list = Pickle.opcodes([0x5d] + [UInt8](repeating: 0x5d, count: 200) + [UInt8](repeating: 0x61, count: 200))
    refuse(Pickle.dictionary(["a": list]).program, .tooLarge, "nests deeper")
    // Twice 60 levels, the second around the first.
    let levels = [UInt8](repeating: 0x85, count: 60)
    let shared = Pickle.opcodes([0x29] + levels + [0x71, 0, 0x68, 0] + levels + [0x86])
    refuse(Pickle.dictionary(["a": shared]).program, .tooLarge, "nests deeper")
    refuse([0x80, 2] + [UInt8](repeating: 0x4e, count: 1_000_000), .tooLarge, "more than 999999 opcodes")
  }

  /// Every level holds the next one twice: 2^60 paths, but 60 containers.
  @Test func readsNestsOfSharedContainersInLinearTime() throws {
    let doubling = (0..<60).flatMap { level in [0x71, UInt8(level), 0x68, UInt8(level), 0x86] as [UInt8] }
    let root = Pickle.dictionary(["model": .dictionary(["a": Self.tensor]), "other": .opcodes([0x29] + doubling)])
    let bytes = Zip.checkpoint(root.program, storages: ["0": [7]])
    #expect(try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))[name: "a"]?.bytes() == [7])
  }
  private static let kinds: [([UInt8], String)] = [
    ([0x4e], "None"), ([0x4a, 0, 0, 0, 0x80], "a number"), ([0x8a, 0], "a number"), ([0x8a, 1, 0xff], "a number"),
    ([0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1], "a number"), ([0x88], "a truth value"), ([0x29], "a tuple"),
    (Pickle.text(String(repeating: "x", count: 1000)).opcodes, "a string"),
    (Pickle.storage("ByteStorage", count: 1).opcodes, "a storage"),
    (Pickle.global("torch.HalfStorage").opcodes, "the name torch.HalfStorage"),
    (Pickle.global("torch.float32").opcodes, "the name \"torch.float32\""), ([0x43, 1, 65], "bytes"),
    ([0x8b, 1, 0, 0, 0, 5], "a number"), ([0x8f], "an object of \"builtins.set\""),
    (
      Pickle.call(.global("numpy.core.multiarray.scalar"), .tuple([])).opcodes,
      "an object of \"numpy.core.multiarray.scalar\""
    ),
  ]

  @Test(arguments: kinds)
  func saysWhatStandsInATensorsPlace(opcodes: [UInt8], kind: String) {
    refuse(Pickle.dictionary(["a": .opcodes(opcodes)]).program, .unsupported, "has \(kind) under the name \"a\"")
  }

  @Test func keepsMessagesShortWhateverAFileHolds() {
    for name in ["\u{1b}[31m", "e" + String(repeating: "\u{301}", count: 100)] {
      let bytes = Zip.checkpoint(Pickle.global(String(repeating: name, count: 10_000) + ".f").program)
      do {
        _ = try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))
        Issue.record("not refused")
      } catch {
        #expect("\(error)".utf8.count < 2000)
        #expect(!"\(error)".contains("\u{1b}"))
      }
    }
  }
}
