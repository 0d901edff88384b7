import Foundation
import ImageCoding
import TestSupport
import Testing

/// OpenEXR plates through the program.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PlateTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A plate of the fixtures that other programs wrote.
  static func plate(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../EXRFilesTests/Fixtures/\(name).exr").standardizedFileURL.path
  }

  @Test func parseReadsPlates() throws {
    let result = try Program.run(
      "parse", Self.plate("plates/tiled"), Self.plate("plates/overscan"), "-o", folder / "out", "--output",
      "labels,cutout")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("its data window, 37 × 29 from (-4, -3), was parsed"), "\(result.errors)")
    for name in ["tiled", "overscan"] {
      let labels = try RGBImage(contentsOf: URL(filePath: folder / "out/\(name).labels.png"))
      #expect(labels.width == 37 && labels.height == 29)
    }
  }

  @Test func foldersAndStandardInputHavePlates() throws {
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.plate("plates/rgb"), toPath: folder / "in/rgb.exr")
    #expect(try Program.run("parse", folder / "in", "-o", folder / "out", "--output", "labels").status == 0)
    let file = try #require(FileHandle(forReadingAtPath: Self.plate("plates/rgb")))
    let result = try Program.run("parse", "-", "-o", folder / "out", "--output", "labels", input: file)
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.contents.filter { $0.hasSuffix(".png") } == ["out/rgb.labels.png", "out/stdin.labels.png"])
  }

  @Test func viewsChangeWhatTheNetworkSees() throws {
    let flags = [[], ["--exposure", "-3"], ["--view", "filmic"], ["--channels", "beauty"]]
    let pictures = try flags.map { flags in
      let result = try Program(
        ["parse", Self.plate("plates/layer"), "-o", folder / "out", "--output", "overlay", "--overwrite"] + flags
      ).wait()
      #expect(result.status == 0, "\(result.errors)")
      return try folder.read("out/layer.overlay.png")
    }
    #expect(Set(pictures).count == 3 && pictures[0] == pictures[3])
  }

  @Test(
    arguments: [
      (["--exposure", "21"], 64, "--exposure: expected -20.0 to 20.0"), (["--view", "log"], 64, "--view"),
      (["--channels", "sky"], 65, "a layer sky with channels R, G and B, or Y, was expected, found the layers beauty"),
    ] as [([String], Int32, String)])
  func refusesInASentence(_ flags: [String], _ status: Int32, _ words: String) throws {
    let result = try Program(["parse", Self.plate("plates/layer"), "-o", folder / "out"] + flags).wait()
    #expect(result.status == status && result.errors.contains(words), "\(result.errors)")
  }

  @Test func damagedPlatesAreReportedAndOthersGoOn() throws {
    let result = try Program.run(
      "parse", Self.plate("refused/truncated"), Self.plate("refused/deep"), Self.plate("plates/rgb"), "-o",
      folder / "out", "--output", "labels")
    #expect(result.status == 65)
    #expect(result.errors.contains("truncated.exr: a whole OpenEXR image was expected"), "\(result.errors)")
    #expect(result.errors.contains("deep.exr: a flat OpenEXR image was expected"), "\(result.errors)")
    #expect(folder.contents.contains("out/rgb.labels.png"))
  }

  // MARK: Sequences

  private func makeFrames() throws {
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    for number in 1001...1003 {
      try FileManager.default.createSymbolicLink(
        atPath: folder / "in/shot.\(number).exr", withDestinationPath: Self.plate("plates/overscan"))
    }
  }

  private func run(_ flags: String..., input: String = "in/shot.####.exr") throws -> Program.Result {
    try Program(["sequence", folder / input, "-o", folder / "out"] + flags).wait()
  }

  @Test func sequencesReadPlates() throws {
    try makeFrames()
    let result = try run("--exposure", "-1", "--view", "rec709")
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.contents.contains("out/person/person.1003.png"))
    #expect(result.errors.contains("frame 1001: its data window"), "\(result.errors)")
    #expect(!result.errors.contains("frame 1002: its data window"), "\(result.errors)")
    let other = try run("--resume")
    #expect(other.status == 64 && other.errors.contains("plateView"), "\(other.errors)")
    #expect(try run("--resume", "--exposure", "-1", "--view", "rec709", input: "in").status == 0)
  }

  @Test func videosAreNotMadeOfPlates() throws {
    try makeFrames()
    let result = try run("--output", "video")
    #expect(result.status == 64 && result.errors.contains("found scene-linear plates"), "\(result.errors)")
  }
}
