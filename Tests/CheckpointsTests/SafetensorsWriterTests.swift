import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SafetensorsWriterTests {
  private let entries: [SafetensorsWriter.Entry] = [
    .init(name: "bytes", elementType: .int8, shape: [3]) { $0.copyBytes(from: [1, 2, 255]) },
    .init(name: "half", shape: [1, 3], floats: [1, -2, 0.1], as: .float16),
    .init(name: "quote \" \\ \n \u{1} é", shape: [], floats: [7]),
    .init(name: "empty", shape: [4, 0], floats: []),
    .init(name: "float", shape: [2, 2], floats: [1, 2, 3, 4]),
  ]

  @Test func readsBackWhatWasWritten() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      let metadata = ["configuration": "{\"a\": [1, \"\\u00e9\"]}\n\t", "": "人\u{7f}\u{0}"]
      try SafetensorsWriter.write(entries, metadata: metadata, to: path)
      let file = try SafetensorsFile(path: path)
      #expect(file.metadata == metadata)
      #expect(
        Set(file.tensors.map(\.name)) == ["quote \" \\ \n \u{1} é", "empty", "float", "half", "bytes"])
      #expect(file.tensors.map(\.elementType) == [.float32, .float32, .float32, .float16, .int8])
      #expect(try file[name: "bytes"]?.bytes() == [1, 2, 255])
      #expect(try file[name: "half"]?.floats() == [1, -2, 0.099975586])
      #expect(try file[name: "float"]?.floats() == [1, 2, 3, 4])
      #expect(file[name: "quote \" \\ \n \u{1} é"]?.shape == [])
      #expect(file[name: "empty"]?.shape == [4, 0])
    }
  }

  @Test(arguments: 0..<70)
  func dataStartsAtAMultipleOf64(nameLength: Int) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      let name = String(repeating: "x", count: nameLength)
      try SafetensorsWriter.write([.init(name: name, shape: [1], floats: [1])], to: path)
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
      #expect(bytes.count % 64 == 4)
      #expect(Array(bytes.suffix(4)) == [0, 0, 128, 63])
    }
  }

  @Test func copiesTensorsAndGivesTheSameBytesEveryTime() throws {
    try withTemporaryFolder { folder in
      let checkpoint = try PyTorchCheckpoint(path: fixture("deflated.pt"))
      let entries = checkpoint.tensors.map { SafetensorsWriter.Entry(copying: $0) }
      let metadata = Dictionary(uniqueKeysWithValues: (0..<20).map { ("key\($0)", "") })
      let paths = ["/a", "/b"].map { folder + $0 }
      for path in paths { try SafetensorsWriter.write(entries, metadata: metadata, to: path) }
      let contents = try paths.map { try Data(contentsOf: URL(filePath: $0)) }
      #expect(contents[0] == contents[1])
      let file = try SafetensorsFile(path: paths[0])
      for tensor in checkpoint.tensors { #expect(try file[name: tensor.name]?.bytes() == tensor.bytes()) }
    }
  }

  @Test func replacesAFileThatIsMappedWithoutTouchingIt() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      try SafetensorsWriter.write([.init(name: "a", shape: [1], floats: [1])], to: path)
      let old = try SafetensorsFile(path: path)
      try SafetensorsWriter.write([.init(name: "a", shape: [2], floats: [2, 3])], to: path)
      #expect(try old[name: "a"]?.floats() == [1])
      #expect(try SafetensorsFile(path: path)[name: "a"]?.floats() == [2, 3])
      #expect(contents(of: folder) == ["weights.safetensors"])
    }
  }

  private func contents(of folder: String) -> [String]? { try? FileManager.default.contentsOfDirectory(atPath: folder) }

  private struct Stop: Error {}

  @Test func leavesNothingBehindWhereAnEntryFails() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      let failing = SafetensorsWriter.Entry(name: "z", elementType: .uint8, shape: [1]) { _ in
        #expect(contents(of: folder)?.count == 1)
        throw Stop()
      }
      #expect(throws: Stop.self) { try SafetensorsWriter.write(entries + [failing], to: path) }
      #expect(contents(of: folder) == [])
    }
  }

  @Test func refusesWhatCannotBeWritten() throws {
    try withTemporaryFolder { folder in
      let entry = SafetensorsWriter.Entry(name: "a", shape: [1], floats: [1])
      func refuse(_ entries: [SafetensorsWriter.Entry], to name: String, _ text: String) {
        expectRefused(.notWritten, text) { try SafetensorsWriter.write(entries, to: name) }
      }
      refuse([entry], to: folder, "a directory of that name")
      refuse([entry], to: folder + "/", "a directory of that name")
      refuse([entry], to: folder + "/none/", "cannot be made in that folder")
      refuse([entry], to: "", "the path of a file was expected")
      refuse([entry], to: folder + "/absent/weights", "cannot be written")
      refuse([entry], to: "/proc/weights", "cannot be written")
      refuse([entry], to: "/dev/full", "no space left")
      refuse([entry, entry], to: folder + "/w", "\"a\" is given twice")
      refuse(
        [.init(name: "__metadata__", shape: [1], floats: [1])], to: folder + "/w", "\"__metadata__\" is given twice")
      refuse([.init(name: "a", shape: [-1], floats: [])], to: folder + "/w", "[-1]")
      refuse([.init(name: "a", shape: [.max, 2], floats: [])], to: folder + "/w", "larger than any memory")
      refuse(
        [.init(name: "a", shape: [1 << 60], floats: []), .init(name: "b", shape: [1 << 60], floats: [])],
        to: folder + "/w", "larger than any memory")
      expectRefused(.mismatch, "cannot hold 2 floats") {
        try SafetensorsWriter.write([.init(name: "a", shape: [1], floats: [1, 2])], to: folder + "/w")
      }
      #expect(contents(of: folder) == [])
    }
  }
}
