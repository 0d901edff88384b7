import Foundation
import TestSupport
import Testing

/// `m2fp convert` with files as people have them.
@Suite(.timeLimit(.minutes(10))) struct ConvertTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let golden = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/variant-r18-fpn").standardizedFileURL
    for name in ["pytorch_model.pt", "configuration.json"] {
      try folder.write("in/\(name)", try Data(contentsOf: golden.appending(path: name)))
    }
  }

  private func run(_ arguments: String...) throws -> Program.Result {
    try Program(arguments, in: folder.path).wait()
  }

  @Test func whatIsReadIsNotReplaced() throws {
    let before = try folder.read("in/pytorch_model.pt")
    try FileManager.default.createSymbolicLink(atPath: folder / "link", withDestinationPath: "in/pytorch_model.pt")
    for output in ["in/pytorch_model.pt", "./in/../in/pytorch_model.pt", "link", "in/configuration.json", "-", ""] {
      let flags = ["--configuration", "in/configuration.json"]
      let result = try Program(["convert", "in/pytorch_model.pt", "-o", output] + flags, in: folder.path).wait()
      #expect(result.status == 64, "\(output)")
      #expect(result.errors.contains("-o: expected a file"), "\(result.errors)")
    }
    #expect(try folder.read("in/pytorch_model.pt") == before)
    #expect(!folder.contents.contains("-"))

    #expect(try run("convert", "in/pytorch_model.pt", "-o", "weights").status == 0)
    let weights = try folder.read("weights")
    for flags in [["-o", "weights"], ["-o", "new", "--report", "weights"]] {
      let result = try Program(["quantize", "weights", "--images", "in"] + flags, in: folder.path).wait()
      #expect(result.status == 64 && result.errors.contains("expected a file"), "\(result.errors)")
    }
    #expect(try folder.read("weights") == weights)
  }

  @Test func partsOfACheckpointAreCalledSo() throws {
    let header = Array("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".utf8)
    let part = [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [0, 0, 0, 0]
    try folder.write("in/model-00001-of-00002.safetensors", part)
    try folder.write("in/model.safetensors", part)
    try folder.write("in/model.safetensors.index.json", Array("{\"weight_map\": {}}".utf8))
    try folder.write("in/empty.pt")
    for (name, words, isThere) in [
      ("model-00001-of-00002.safetensors", "one of several", true), ("model.safetensors", "one of several", false),
      ("model.safetensors.index.json", "the index of a checkpoint in several files", true),
      ("empty.pt", "is empty", true),
    ] {
      let result = try run("convert", "in/\(name)", "-o", "out")
      #expect(result.status == 65)
      #expect(result.errors.contains(words) == isThere, "\(result.errors)")
      #expect(result.errors.contains(name), "\(result.errors)")
    }
  }

  @Test func aFolderIsCalledSo() throws {
    let result = try run("convert", "in", "-o", "out")
    #expect(result.status == 66)
    #expect(result.errors.contains("in is not a regular file"), "\(result.errors)")
  }
}
