import Foundation
import ImageCoding
import TestSupport
import Testing

/// `m2fp quantize`, and `m2fp info` for its result.
@Suite(.serialized, .timeLimit(.minutes(10))) struct QuantizeTests {
  let folder: TemporaryFolder
  private let arguments: [String]

  init() throws {
    folder = try CalibrationFolder.make()
    arguments = ["quantize", folder / "floats.safetensors", "--images", folder / "in", "--minimum-snr", "-100"]
  }

  private func run(_ flags: String...) throws -> Program.Result { try Program(arguments + flags).wait() }

  @Test func aFileAndAReport() throws {
    let result = try run(
      "-o", folder / "int8.safetensors", "--report", folder / "report.json", "--keep", "mask_features")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.contains("calibrated with 5 pictures"), "\(result.output)")
    #expect(result.output.contains("kept: asked for"))
    let report = try CalibrationFolder.object(folder.read("report.json"))
    #expect(report["source"] as? String == "floats.safetensors")
    #expect(report["output"] as? String == "int8.safetensors")
    #expect(report["compared_pictures"] as? Int == 1)
    let record = try #require(report["quantization"] as? [String: Any])
    let layers = try #require(record["layers"] as? [[String: Any]])
    #expect(layers.filter { $0["kept"] as? String == "asked for" }.count == 1)

    let info = try Program.run("info", folder / "int8.safetensors")
    #expect(info.output.contains("\(layers.count - 1) of \(layers.count) in int8, not"), "\(info.output)")
    #expect(info.output.contains("calibration    5 pictures"), "\(info.output)")
    let json = try CalibrationFolder.object(Program.run("info", folder / "int8.safetensors", "--json").output.utf8)
    #expect(json["precision"] as? String == "int8")
    #expect(json["quantized_layers"] as? Int == layers.count - 1)
    #expect((json["quantization"] as? [String: Any])?["pictures"] as? Int == 5)

    let parsed = try Program.run("parse", folder / "in/1.png", "-m", folder / "int8.safetensors", "--precision", "int8")
    #expect(parsed.status == 0, "\(parsed.errors)")
    let again = try Program.run(
      "quantize", folder / "int8.safetensors", "--images", folder / "in", "-o", folder / "again.safetensors")
    #expect(again.status == 65)
    #expect(again.errors.contains("found int8"), "\(again.errors)")
  }

  @Test func theSameBytesOnAnyNumberOfThreads() throws {
    for (threads, name) in [("1", "a"), ("2", "b"), ("5", "c")] {
      let result = try run(
        "-o", folder / name, "--threads", threads, "--limit", "3", "--json", "--range", "min-max", "--range",
        "mean-square-error")
      #expect(result.status == 0, "\(result.errors)")
      #expect(try CalibrationFolder.object(result.output.utf8)["compared_pictures"] as? Int == 0)
    }
    #expect(try folder.read("a") == folder.read("b"))
    #expect(try folder.read("a") == folder.read("c"))
  }

  @Test func picturesThatCannotBeReadAreLeftOut() throws {
    try folder.write("in/0.jpg", Array("text".utf8))
    try FileManager.default.createSymbolicLink(atPath: folder / "in/gone.png", withDestinationPath: "nothing.png")
    let result = try run("-o", folder / "int8.safetensors")
    #expect(result.status == 66)
    #expect(result.errors.contains("in/0.jpg"), "\(result.errors)")
    #expect(result.errors.contains("in/gone.png: expected a picture"), "\(result.errors)")
    #expect(result.output.contains("in int8"))
    #expect(folder.contents.contains("int8.safetensors"))
  }

  @Test func nothingIsWrittenWithoutPictures() throws {
    try folder.write("bad/0.jpg", Array("text".utf8))
    try folder.write("empty/notes.txt")
    for (images, status, words) in [("bad", 65, "at least one picture"), ("empty", 66, "found none"), ("no", 66, "no")]
    {
      let result = try Program.run(
        "quantize", folder / "floats.safetensors", "--images", folder / images, "-o", folder / "int8.safetensors")
      #expect(result.status == status, "\(result.errors)")
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    #expect(!folder.contents.contains { $0.hasPrefix("int8") || $0.hasSuffix(".tmp") })
  }

  @Test(
    arguments: [
      (["-o", "x", "--keep", "wings"], 64, "wings"), (["-o", "x", "--limit", "0"], 64, "--limit"),
      (["-o", "x", "--range", "kl"], 64, "kl"),
      (["-o", "x", "--minimum-snr", "nan"], 64, "--minimum-snr"), (["-o", "x", "--threads", "0"], 64, "--threads"),
      ([], 64, "-o"), (["-o", "absent/x"], 74, "absent/x"),
      (["-o", "x", "--report", "absent/x.json"], 74, "absent/x.json"),
    ] as [([String], Int32, String)])
  func mistakes(flags: [String], status: Int32, words: String) throws {
    let result = try Program(arguments + ["--limit", "1"] + flags, in: folder.path).wait()
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
  }
}
