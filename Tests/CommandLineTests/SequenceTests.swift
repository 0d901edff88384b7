import Foundation
import ImageCoding
import TestSupport
import Testing

/// `m2fp sequence` as a program.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SequenceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Makes frames `in/shot.NUMBER.png` that are links to photographs; a `nil` is a small picture of nobody.
  private func makeFrames(_ photographs: [String?], from first: Int = 1001) throws {
    try folder.write("stripes.png", try Pictures.png(width: 96, height: 64))
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    for (index, photograph) in photographs.enumerated() {
      try FileManager.default.createSymbolicLink(
        atPath: folder / "in/shot.\(first + index).png", withDestinationPath: photograph ?? folder / "stripes.png")
    }
  }

  private func run(_ flags: String..., input: String = "in/shot.####.png") throws -> Program.Result {
    try Program(["sequence", folder / input, "-o", folder / "out"] + flags).wait()
  }

  private var results: [String] {
    folder.contents.filter { $0.hasPrefix("out/") && ($0.hasSuffix(".png") || $0.hasSuffix(".json")) }
      .map { String($0.dropFirst(4)) }
  }

  private func manifest() throws -> [String: Any] {
    let data = Data(try folder.read("out/sequence.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func frames() throws -> [[String: Any]] { try #require(try manifest()["frames"] as? [[String: Any]]) }

  private func numbers(_ frame: [String: Any]) -> [Int] {
    ((frame["people"] as? [[String: Any]]) ?? []).compactMap { $0["number"] as? Int }
  }

  /// Whether every pixel of a PNG file is 0.
  private func isBlack(_ name: String) throws -> Bool {
    try RGBImage(contentsOf: URL(filePath: folder / "out/\(name)")).pixels.allSatisfy { $0 == 0 }
  }

  // MARK: Results

  @Test func everyMatteIsASequence() throws {
    try makeFrames(Array(repeating: Pictures.astronaut, count: 3))
    let result = try run("--parts", "hair", "--group", "skin")
    #expect(result.status == 0, "\(result.errors)")
    let expected = ["background", "hair", "person", "skin"].flatMap { name in
      (1001...1003).map { "\(name)/\(name).\($0).png" }
    }
    #expect(Set(results) == Set(expected + ["sequence.json"]))
    #expect(result.errors.hasPrefix("Progress: "), "\(result.errors)")
    #expect(result.errors.contains("Progress: 100%\n3 parsed\nperson 1: frames 1001 to 1003, 3 of them"))
    // The 25th byte of a PNG file is its bit depth.
    for name in expected { #expect(try folder.read("out/\(name)")[24] == 16) }
    #expect(try !isBlack("hair/hair.1001.png"))
    let manifest = try manifest()
    #expect(manifest["complete"] as? Bool == true)
    let frames = try frames()
    #expect(frames.map { $0["number"] as? Int } == [1001, 1002, 1003])
    #expect(frames.allSatisfy { numbers($0) == [1] })
    #expect((manifest["people"] as? [[String: Any]])?.first?["frames"] as? Int == 3)
    #expect(!folder.contents.contains { $0.hasPrefix("out/.") })
  }

  @Test func aPersonHasAMatteInEveryFrame() throws {
    try makeFrames([nil, nil, Pictures.astronaut, Pictures.astronaut, Pictures.astronaut, nil])
    let result = try run("--output", "people,people-parts,labels", "--parts", "hair", "--matte-depth", "8")
    #expect(result.status == 0, "\(result.errors)")
    for number in 1001...1006 {
      for name in ["p01/p01", "p01_hair/p01_hair"] {
        #expect(try isBlack("\(name).\(number).png") == !(1003...1005).contains(number), "\(name) \(number)")
      }
      #expect(results.contains("labels/labels.\(number).png"))
    }
    let small = try RGBImage(contentsOf: URL(filePath: folder / "out/p01/p01.1001.png"))
    #expect((small.width, small.height) == (96, 64))
    #expect(result.errors.contains("frame 1003: the frame is 512 × 512, the one before 96 × 64"), "\(result.errors)")
    #expect(try frames().map(numbers) == [[], [], [1], [1], [1], []])
    #expect(result.errors.contains("person 1 appears"), "\(result.errors)")
  }

  @Test func inputsOfEveryKindAreOneSequence() throws {
    try makeFrames([nil, nil], from: -1)
    for input in ["in", "in/shot.%d.png", "in/shot.@.png", "in/shot.$F.png", "in/shot.0.png"] {
      let result = try run("--output", "labels", input: input)
      #expect(result.status == 0, "\(input): \(result.errors)")
      #expect(results == ["labels/labels.-1.png", "labels/labels.0.png", "sequence.json"], "\(input)")
      try FileManager.default.removeItem(atPath: folder / "out")
    }
  }

  // MARK: Frames that are not as they should be

  @Test func missingFramesAreListed() throws {
    try makeFrames([nil, nil, nil, nil])
    try FileManager.default.removeItem(atPath: folder / "in/shot.1002.png")
    let result = try run("--output", "labels", "--frames", "1001-1006")
    #expect(result.status == 66)
    #expect(result.errors.contains("found that 1002,1005-1006 are missing"), "\(result.errors)")
    #expect(results.isEmpty)

    #expect(try run("--output", "labels", "--missing", "skip").status == 0)
    #expect(results == [1001, 1003, 1004].map { "labels/labels.\($0).png" } + ["sequence.json"])
    #expect(try run("--output", "labels,mattes", "--missing", "black", "--frames", "1002-1003").status == 0)
    #expect(try isBlack("person/person.1002.png"))
    #expect(try frames().map { $0["source"] as? String } == [nil, folder / "in/shot.1003.png"])
    #expect(try run("--output", "labels", "--missing", "nearest", "--frames", "1000-1006x2").status == 0)
    #expect(
      try frames().map { ($0["source"] as? String)?.suffix(8) } == ["1001.png", "1001.png", "1004.png", "1004.png"])
  }

  @Test func aCorruptFrameDoesNotStopTheOthers() throws {
    try makeFrames([nil, nil, nil])
    try FileManager.default.removeItem(atPath: folder / "in/shot.1002.png")
    try folder.write("in/shot.1002.png", try Pictures.png().prefix(60))
    let result = try run("--output", "labels")
    #expect(result.status == 65)
    #expect(result.errors.contains("Error: frame 1002: \(folder / "in/shot.1002.png"): "), "\(result.errors)")
    #expect(results == ["labels/labels.1001.png", "labels/labels.1003.png", "sequence.json"])
    #expect(try frames()[1]["error"] != nil)
    // A complete run with a failed frame stays so.
    let again = try run("--output", "labels", "--resume")
    #expect(again.status == 65)
    #expect(again.errors.hasPrefix("3 of 3 frames are there\n2 parsed, 1 failed\n"), "\(again.errors)")
  }

  @Test(arguments: [
    (["--output", "labels", "--parts", "hair"], "--parts"),
    (["--output", "labels", "--matte-depth", "8"], "--matte-depth"),
    (["--output", "mattes", "--smoothing", "median"], "--smoothing"), (["--frames", "4-1"], "--frames"),
    (["--fps", "0"], "--fps"), (["--temporal", "much"], "--temporal"),
    (["--group", "labels=hair", "--output", "mattes,labels"], "--group"),
  ]) func flagsWithoutEffectAreRefused(flags: [String], name: String) throws {
    try makeFrames([nil])
    let result = try Program(["sequence", folder / "in", "-o", folder / "out"] + flags).wait()
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.errors.contains(name), "\(result.errors)")
    #expect(results.isEmpty)
  }

  @Test func framesAreNotReplaced() throws {
    try folder.write("out/labels/labels.1.png", try Pictures.png())
    let result = try run("--output", "labels", input: "out/labels")
    #expect(result.status == 64, "\(result.errors)")
    #expect(result.errors.contains("replace the frames"), "\(result.errors)")
  }

  @Test func whatIsNoSequenceIsRefused() throws {
    try folder.write("in/cover.png", try Pictures.png())
    for (input, status) in [
      ("in/cover.png", 64), ("in", 66), ("away", 66), ("in/shot.##.png", 66),
    ] {
      let result = try run(input: input)
      #expect(result.status == status, "\(input): \(result.errors)")
      #expect(result.errors.contains(folder / input), "\(result.errors)")
    }
  }

  // MARK: Files that cannot be written

  @Test func aFileInTheWayIsReported() throws {
    try makeFrames([nil, nil])
    try folder.write("out/labels", [1])
    let result = try run("--output", "labels")
    #expect(result.status == 74)
    #expect(result.errors.contains("out/labels: expected a folder"), "\(result.errors)")
    #expect(result.errors.hasSuffix("0 of 2 frames are done; the same command with --resume goes on from here.\n"))
  }

  @Test func aFolderInThePlaceOfAFileIsReported() throws {
    try makeFrames([nil, nil])
    try folder.write("out/labels/labels.1002.png/mine.txt", [1])
    let result = try run("--output", "labels", "--overwrite")
    #expect(result.status == 74)
    #expect(result.errors.contains("Error: frame 1002: "), "\(result.errors)")
    #expect(result.errors.contains("labels.1002.png: "), "\(result.errors)")
    #expect(results == ["labels/labels.1001.png", "labels/labels.1002.png", "sequence.json"])
    #expect(try folder.read("out/labels/labels.1002.png/mine.txt") == [1])
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") }, "\(folder.contents)")
  }

  @Test func aFolderThatCannotBeMadeIsReported() throws {
    try makeFrames([nil])
    let file = try folder.write("file", [1])
    let result = try Program(["sequence", folder / "in", "-o", file + "/out"]).wait()
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.contains(file), "\(result.errors)")
    #expect(try folder.read("file") == [1])
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
  func aReadOnlyFolderIsReported() throws {
    try makeFrames([nil])
    try FileManager.default.createDirectory(
      atPath: folder / "out", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
    #expect(try run().status == 74)
  }

  /// A limit on the file size replaces a full disk: both make a write fail in the middle of a file.
  @Test func aFullDiskIsReportedAndLeavesNoPart() throws {
    try makeFrames([Pictures.astronaut, Pictures.astronaut])
    let result = try Program.run(
      "sequence", folder / "in", "-o", folder / "out", "--output", "overlay", after: "trap '' XFSZ; ulimit -f 64")
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.contains("Error: frame 100"), "\(result.errors)")
    #expect(results == ["sequence.json"])
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") }, "\(folder.contents)")
    let rest = try run("--output", "overlay", "--resume")
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(results == ["overlay/overlay.1001.png", "overlay/overlay.1002.png", "sequence.json"])
  }
}
