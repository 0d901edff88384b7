import EXRFiles
import Foundation
import TestSupport
import Testing

/// OpenEXR files that the program writes. `Tests/EXR/run` lets other programs read them.
@Suite(.serialized, .timeLimit(.minutes(10))) struct EXROutputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func header(_ name: String) throws -> EXRPart {
    let part = try folder.read(name).withUnsafeBytes { try EXRHeader($0, name: name) }.parts.first
    return try #require(part)
  }

  private func channels(_ name: String) throws -> [String] { try header(name).channels.map(\.name) }

  private func parse(_ flags: String..., input: String = Pictures.sample) throws -> Program.Result {
    try Program(["parse", input, "-o", folder / "out"] + flags).wait()
  }

  @Test func aPictureHasALayerForEachMatte() throws {
    let result = try parse("--output", "exr,cryptomatte", "--parts", "hair", "--group", "skin")
    #expect(result.status == 0, "\(result.errors)")
    let names = ["hair", "p01", "p01_hair", "p01_skin", "p02", "p02_hair", "p02_skin", "person", "skin"]
    #expect(try channels("out/two-people.mattes.exr") == ["A", "B", "G", "R"] + names.map { "\($0).R" })
    #expect(try header("out/two-people.mattes.exr").channels.allSatisfy { $0.pixelType == 1 })
    let crypto = try header("out/two-people.cryptomatte.exr")
    #expect(crypto.channels.count == 24 && crypto.channels.allSatisfy { $0.pixelType == 2 })
    let manifest = try #require(crypto.attributes.first { $0.name == "cryptomatte/3201c4f/manifest" })
    #expect(String(decoding: manifest.value, as: UTF8.self).contains("\"person02/hair\":"))
  }

  @Test func layersHaveTheChannelsThatAreAskedFor() throws {
    let result = try parse(
      "--output", "exr", "--people", "2,9", "--parts", "face", "--matte-channel", "A", "--exr-compression", "zips")
    #expect(result.status == 0, "\(result.errors)")
    // Also of a person who is not there.
    let names = ["face", "p02", "p02_face", "p09", "p09_face", "person"]
    #expect(try channels("out/two-people.mattes.exr") == ["A", "B", "G", "R"] + names.map { "\($0).A" })
    let compression = try header("out/two-people.mattes.exr").attributes.first { $0.name == "compression" }
    #expect(compression?.value == [2])
  }

  @Test func flagsNeedAnOutput() throws {
    for flags in [["--matte-channel", "A"], ["--exr-compression", "zip"]] {
      let result = try Program(["parse", Pictures.sample, "-o", folder / "out"] + flags).wait()
      #expect(result.status == 64 && result.errors.contains("expected exr or cryptomatte among --output"))
    }
  }

  @Test func ownFilesAreReplacedAndThoseOfOthersAreNot() throws {
    #expect(try parse("--output", "exr").status == 0)
    #expect(try parse("--output", "exr").status == 0)
    #expect(try parse("--output", "exr", "--skip-existing").status == 0)
    let plate = try Data(contentsOf: URL(filePath: PlateTests.plate("plates/rgb")))
    try folder.write("out/two-people.mattes.exr", plate)
    let result = try parse("--output", "exr")
    #expect(result.status == 74 && result.errors.contains("was not written by m2fp"), "\(result.errors)")
    #expect(try folder.read("out/two-people.mattes.exr") == [UInt8](plate))
    #expect(try parse("--output", "exr", "--overwrite").status == 0)
    // A walk through the folder takes no results for pictures.
    try folder.write("out/plate.exr", plate)
    let walked = try Program.run("parse", folder / "out", "-o", folder / "again", "--output", "labels")
    #expect(walked.status == 0 && folder.contents.filter { $0.hasPrefix("again/") } == ["again/plate.labels.png"])
  }

  @Test func platesComeOutAsTheyWentIn() throws {
    let name = "attributes"
    let result = try parse("--output", "exr", "--parts", "hair", input: PlateTests.plate("plates/\(name)"))
    #expect(result.status == 0, "\(result.errors)")
    let written = try header("out/\(name).mattes.exr")
    for attribute in ["timeCode", "FramesPerSecond", "reelName", "worldToCamera", "chromaticities", "takes"] {
      #expect(written.attributes.contains { $0.name == attribute }, "\(attribute)")
    }
  }

  // MARK: Sequences

  private func makeFrames(_ count: Int) throws {
    try folder.write("stripes.png", try Pictures.png(width: 96, height: 64))
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    for index in 0..<count {
      try FileManager.default.createSymbolicLink(
        atPath: folder / "in/shot.\(1001 + index).png",
        withDestinationPath: index == 0 ? folder / "stripes.png" : Pictures.astronaut)
    }
  }

  @Test func everyFrameHasTheSameChannels() throws {
    try makeFrames(4)
    let flags = [
      "sequence", folder / "in/shot.####.png", "-o", folder / "out", "--output", "exr,cryptomatte", "--parts", "hair",
      "--exr-people", "2",
    ]
    let result = try Program(flags).wait()
    #expect(result.status == 0, "\(result.errors)")
    let names = ["hair", "p01", "p01_hair", "p02", "p02_hair", "person"]
    for number in 1001...1004 {
      #expect(try channels("out/exr/shot.\(number).exr") == ["A", "B", "G", "R"] + names.map { "\($0).R" })
      #expect(try channels("out/cryptomatte/shot.\(number).exr").count == 24)
    }
    let whole = try folder.read("out/exr/shot.1003.exr")
    try FileManager.default.removeItem(atPath: folder / "out/exr/shot.1003.exr")
    let resumed = try Program(flags + ["--resume"]).wait()
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try folder.read("out/exr/shot.1003.exr") == whole)
    let other = try Program(flags + ["--resume", "--matte-channel", "A"]).wait()
    #expect(other.status == 64 && other.errors.contains("found other exr"), "\(other.errors)")
  }

  @Test func whoHasNoLayerIsSaid() throws {
    try makeFrames(4)
    let result = try Program([
      "sequence", folder / "in", "-o", folder / "out", "--output", "exr", "--exr-people", "0",
    ]).wait()
    #expect(result.status == 0, "\(result.errors)")
    let manifest = String(decoding: try folder.read("out/sequence.json"), as: UTF8.self)
    #expect(manifest.contains("person 1 has no layer of their own in the OpenEXR file"))
    #expect(try !channels("out/exr/shot.1004.exr").contains { $0.hasPrefix("p0") })
  }
}
