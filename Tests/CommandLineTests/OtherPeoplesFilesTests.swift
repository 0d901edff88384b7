import Foundation
import ImageCoding
import M2FPTool
import MaskMerging
import TestSupport
import Testing

/// Inputs and files as they are found in the field: pairs, links, annotations, streams, names of any bytes.
@Suite(.serialized, .timeLimit(.minutes(10))) struct OtherPeoplesFilesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func parse(_ arguments: String...) throws -> Program.Result {
    try Program(["parse", "--output", "json"] + arguments, in: folder.path).wait()
  }

  @Test func aPairDoesNotStopTheOthers() throws {
    for name in ["a.jpg", "a.png", "b.jpg"] { try folder.write("in/\(name)", try Pictures.png()) }
    let result = try parse("in", "-o", "out")
    #expect(result.status == 64)
    #expect(result.errors.contains("in/a.jpg: in/a.jpg and in/a.png would both write out/a.*"), "\(result.errors)")
    #expect(result.errors.contains("in/a.png: "), "\(result.errors)")
    #expect(result.errors.hasSuffix("1 parsed, 2 failed\n"), "\(result.errors)")
    #expect(folder.contents.filter { $0.hasPrefix("out/") } == ["out/b.json"])
    let apart = try parse("in", "-o", "out", "--keep-extension")
    #expect(apart.status == 0, "\(apart.errors)")
    #expect(
      folder.contents.filter { $0.hasPrefix("out/") } == [
        "out/a.jpg.json", "out/a.png.json", "out/b.jpg.json", "out/b.json",
      ])
  }

  @Test func markedFilesHaveTheChecksumsThatStrictReadersAskFor() throws {
    let marked = Array(OwnFile.marked(try Pictures.png()))
    #expect(marked.count > (try Pictures.png()).count)
    #expect(marked == withPNGChecksums(marked))
  }

  @Test func anAnnotatorsFileIsNeitherReplacedNorAResult() throws {
    let annotation = Array("{\"version\": \"5.0\", \"shapes\": []}".utf8)
    try folder.write("photo.jpg", try Pictures.png())
    try folder.write("other.jpg", try Pictures.png())
    try folder.write("photo.json", annotation)
    for flags in [[], ["--skip-existing"]] {
      let result = try Program(["parse", "--output", "json", "."] + flags, in: folder.path).wait()
      #expect(result.status == 74)
      #expect(result.errors.contains("photo.json: this file was not written by m2fp; --overwrite"), "\(result.errors)")
      #expect(try folder.read("photo.json") == annotation)
      #expect(folder.contents.contains("other.json"))
    }
    #expect(try parse("photo.jpg", "--overwrite").status == 0)
    #expect(try folder.read("photo.json") != annotation)
    // Its own file it replaces without being told to.
    #expect(try parse("photo.jpg").status == 0)
    #expect(try parse(".", "--skip-existing").errors == "0 parsed, 2 skipped\n")
  }

  @Test func masksOfOthersInAFolderOfResultsStay() throws {
    try folder.write("photo.png", try Pictures.png())
    let mask = try Pictures.png(seed: 5)
    try folder.write("photo.parts/hair.png", mask)
    let result = try Program.run("parse", "photo.png", "--output", "parts", in: folder.path)
    #expect(result.status == 74)
    #expect(try Data(folder.read("photo.parts/hair.png")) == mask)
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
  }

  @Test func aCutoutDoesNotReplaceAPictureOfOthers() throws {
    for name in ["photo.jpg", "photo.cutout.png"] { try folder.write(name, try Pictures.png()) }
    let result = try Program.run("cutout", "photo.jpg", in: folder.path)
    #expect(result.status == 74)
    #expect(try Program.run("cutout", "photo.jpg", "--overwrite", in: folder.path).status == 0)
    #expect(try Program.run("cutout", "photo.jpg", in: folder.path).status == 0)
  }

  @Test func heldFramesHaveResultsOfTheirOwn() throws {
    try folder.write("in/1.png", try Pictures.png())
    try FileManager.default.createSymbolicLink(atPath: folder / "in/2.png", withDestinationPath: "1.png")
    let result = try parse("in", "-o", "out")
    #expect(result.errors == "2 parsed\n")
    #expect(folder.contents.filter { $0.hasPrefix("out/") } == ["out/1.json", "out/2.json"])
  }

  @Test func namesThatAreNoUTF8() throws {
    try folder.write("photo.png", try Pictures.png())
    // The shell makes the name, because no string holds it.
    let copy = "name=$(printf 'in/caf\\351.png'); mkdir in; cp photo.png \"$name\""
    #expect(
      try Program.run("parse", "in", "-o", "out", "--output", "json,people", after: copy, in: folder.path).status == 0)
    let named = try Program.run(
      "parse", "-o", "named", "--output", "json", after: "name=$(printf 'in/caf\\351.png'); set -- \"$@\" \"$name\"",
      in: folder.path)
    #expect(named.status == 0, "\(named.errors)")
    let check = try Program.run(
      "--version",
      after: "test -f \"$(printf 'out/caf\\351.json')\" && test -d \"$(printf 'out/caf\\351.people')\" "
        + "&& test -f \"$(printf 'named/caf\\351.json')\" || exit 1", in: folder.path)
    #expect(check.status == 0)
  }

  /// Everything else that takes a path; a sequence keeps a journal beside its results.
  @Test func foldersThatAreNoUTF8() throws {
    for number in 1...2 { try folder.write("\(number).png", try Pictures.png(seed: number)) }
    try folder.write("palette.json", Array("{\"hair\": \"#00ff00\"}".utf8))
    let make = """
      in=$(printf 'in\\351'); out=$(printf 'out\\351'); palette=$(printf 'palette\\351.json'); mkdir "$in"
      for number in 1 2; do cp $number.png "$in/$(printf "caf\\351.000$number.png")"; done
      cp palette.json "$palette"
      """
    let sequence = make + "; set -- \"$@\" \"$in\" -o \"$out\" --palette \"$palette\""
    let first = try Program.run("sequence", "--output", "color", after: sequence, in: folder.path)
    #expect(first.status == 0, "\(first.errors)")
    let again = sequence.replacingOccurrences(of: "mkdir", with: "mkdir -p")
    let resumed = try Program.run("sequence", "--output", "color", "--resume", after: again, in: folder.path)
    #expect(resumed.status == 0 && resumed.errors.contains("2 of 2 frames are there"), "\(resumed.errors)")
    let check = try Program.run(
      "--version",
      after: "cd \"$(printf 'out\\351')\" && test -f color/color.0001.png && test -f sequence.json || exit 1",
      in: folder.path)
    #expect(check.status == 0)
  }

  /// Neither a home, nor a step back that is taken in the text, nor the text of the current folder.
  @Test func pathsMeanWhatTheyMeanToTheSystem() throws {
    try folder.write("elsewhere/inner/x", [])
    try folder.write("elsewhere/a.png", try Pictures.png(width: 40))
    try folder.write("here/a.png", Array("another".utf8))
    try folder.write("here/~", try Pictures.png())
    try folder.write("here/~root/b.png", try Pictures.png())
    try FileManager.default.createSymbolicLink(
      atPath: folder / "here/link", withDestinationPath: folder / "elsewhere/inner")
    let here = folder / "here"
    for path in ["link/../a.png", "~", "~root/b.png"] {
      let result = try Program.run("parse", path, "-o", "link/../out", "--output", "labels", in: here)
      #expect(result.status == 0, "\(result.errors)")
    }
    #expect(try RGBImage(contentsOf: URL(filePath: folder / "elsewhere/out/a.labels.png")).width == 40)
    #expect(
      folder.contents.filter { $0.hasSuffix(".labels.png") }
        == ["elsewhere/out/a.labels.png", "elsewhere/out/b.labels.png", "elsewhere/out/~.labels.png"])
    let latin = "name=$(printf 'caf\\351'); mkdir \"$name\"; cp ../elsewhere/a.png \"$name\"; cd \"$name\""
    let result = try Program.run("parse", "a.png", "-o", "out", "--output", "labels", after: latin, in: here)
    #expect(result.status == 0, "\(result.errors)")
  }

  @Test func aFIFOInThePlaceOfAResultIsNotWaitedFor() throws {
    try folder.write("a.png", try Pictures.png())
    #expect(mkfifo(folder / "a.json", 0o600) == 0)
    let result = try parse("a.png")
    #expect(result.status == 74)
    #expect(result.errors.contains("a.json: expected a file to replace, found a FIFO"), "\(result.errors)")
  }

  /// In Unicode two strings are equal that differ in normalization, but not two files.
  @Test func namesThatDifferInNormalizationAreTwoPicturesOfADocument() throws {
    let names = ["caf\u{e9}.png", "cafe\u{301}.png"]
    for (seed, name) in names.enumerated() { try folder.write("in/\(name)", try Pictures.png(seed: seed)) }
    for flags in [[], ["--skip-existing"]] {
      let result = try Program(
        ["parse", "in", "-o", "out", "--output", "json", "--coco-file", "all.json"] + flags, in: folder.path
      ).wait()
      #expect(result.status == 0, "\(result.errors)")
      let document = try JSONDecoder().decode(COCODocument.self, from: Data(folder.read("all.json")))
      #expect(Set(document.images.map { Array($0.fileName.utf8) }) == Set(names.map { Array($0.utf8) }))
    }
  }

  @Test func aTerminalDoesNotObeyNames() throws {
    let name = "red\u{1B}[31m\nError: x.png"
    try folder.write("in/\(name)", Array("text".utf8))
    let result = try parse("in", "-o", "out")
    #expect(result.status == 65)
    #expect(result.errors.contains("in/red\\u{1B}[31m\\nError: x.png: "), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
  }

  @Test func framesOfOthersAreNotReplaced() throws {
    for number in 1...2 { try folder.write("in/shot.\(number).png", try Pictures.png(seed: number)) }
    let frame = try folder.write("out/labels/labels.1.png", try Pictures.png())
    let arguments = ["sequence", "in", "-o", "out", "--output", "labels"]
    func run(_ flags: String...) throws -> Program.Result { try Program(arguments + flags, in: folder.path).wait() }
    let refused = try run()
    #expect(refused.status == 74)
    #expect(refused.errors.contains("out/labels/labels.1.png: "), "\(refused.errors)")
    #expect(try Data(contentsOf: URL(filePath: frame)) == Pictures.png())
  }

  @Test func aManifestOfOthersIsNotReplaced() throws {
    for number in 1...2 { try folder.write("in/shot.\(number).png", try Pictures.png(seed: number)) }
    let foreign = Array("{\"frames\": {}}".utf8)
    try folder.write("out/sequence.json", foreign)
    try folder.write("out/labels/.labels.1.png.tmp", [1])
    func run(_ flags: String...) throws -> Program.Result {
      try Program(["sequence", "in", "-o", "out", "--output", "labels"] + flags, in: folder.path).wait()
    }
    let refused = try run()
    #expect(refused.status == 74)
    #expect(refused.errors.contains("out/sequence.json: this file was not written by m2fp"), "\(refused.errors)")
    #expect(try folder.read("out/sequence.json") == foreign)
    #expect(try run("--overwrite").status == 0)
    // Its own results it replaces without being told to; temporary files of other programs stay.
    #expect(try run().status == 0)
    #expect(try run("--resume").status == 0)
    #expect(folder.contents.contains("out/labels/.labels.1.png.tmp"))
  }

  @Test func aSecondPictureOnStandardInputIsSaid() throws {
    let picture = try Pictures.png()
    let path = try folder.write("two", picture + picture)
    for command in ["parse", "cutout"] {
      let result = try Program.run(
        command, "-", in: folder.path, input: try FileHandle(forReadingFrom: URL(filePath: path)))
      #expect(result.status == 65)
      #expect(result.errors.contains("another behind it"), "\(result.errors)")
    }
    #expect(folder.contents.contains("stdin.json") && folder.contents.contains("stdin.cutout.png"))
  }

  @Test func onePictureGoesToStandardOutputAsItIs() throws {
    let path = try folder.write("in.png", try Pictures.png())
    for arguments in [["cutout", "-", "-o", "-"], ["parse", "-", "-o", "-", "--output", "labels"]] {
      let input = try FileHandle(forReadingFrom: URL(filePath: path))
      let shell = "exec >out.png"
      let result = try Program(arguments, after: shell, in: folder.path, input: input).wait()
      #expect(result.status == 0, "\(result.errors)")
      #expect(try RGBImage(contentsOf: URL(filePath: folder / "out.png")).width == 48)
    }
    #expect(folder.contents == ["in.png", "out.png"])
  }

  @Test func severalResultsGoToStandardOutputAsAnArchive() throws {
    let long = String(repeating: "long", count: 40)
    for name in ["a", "b", long] { try folder.write("in/\(name).png", try Pictures.png()) }
    for arguments in [["cutout", "in", "-o", "-"], ["parse", "in", "-o", "-", "--output", "json,parts"]] {
      let result = try Program(arguments, after: "exec >out.tar", in: folder.path).wait()
      #expect(result.status == 0, "\(result.errors)")
      try folder.write("list")
      let tar = Process()
      tar.executableURL = URL(filePath: "/usr/bin/env")
      tar.arguments = ["tar", "-tf", folder / "out.tar"]
      tar.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder / "list"))
      try tar.start()
      tar.waitUntilExit()
      #expect(tar.terminationStatus == 0)
      let names = String(decoding: try folder.read("list"), as: UTF8.self).split(separator: "\n").map(String.init)
      if arguments[0] == "cutout" {
        #expect(names == ["a.cutout.png", "b.cutout.png", "\(long).cutout.png"])
      } else {
        #expect(names.count == 3 * 20)
        #expect(names.contains("a.parts/hair.png") && names.contains("\(long).json"))
      }
    }
  }

  @Test func aPicturesOwnAlphaStays() throws {
    let photo = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    let pixels = (0..<photo.width * photo.height).flatMap { pixel -> [UInt8] in
      Array(photo.pixels[3 * pixel..<3 * pixel + 3]) + [pixel % photo.width < photo.width / 2 ? 0 : 255]
    }
    let half = try RGBAImage(width: photo.width, height: photo.height, pixels: pixels)
    try folder.write("half.png", try half.pngData())
    #expect(try Program.run("cutout", "half.png", in: folder.path).status == 0)
    let cutout = try ImageDecoder.decode(contentsOf: URL(filePath: folder / "half.cutout.png"))
    let alpha = try #require(cutout.alpha)
    for pixel in alpha.pixels.indices where pixel % photo.width < photo.width / 2 {
      #expect(alpha.pixels[pixel] == 0 && cutout.image.pixels[3 * pixel] == 0)
    }
    #expect(alpha.pixels.contains(255))
  }
}
