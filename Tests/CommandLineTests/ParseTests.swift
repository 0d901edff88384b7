import Foundation
import ImageCoding
import TestSupport
import Testing

/// Results of `m2fp parse` and their names.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ParseTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func image(_ name: String) throws -> RGBImage { try RGBImage(contentsOf: URL(filePath: folder / name)) }

  @Test func everyOutputOfAPhotograph() throws {
    let result = try Program.run(
      "parse", Pictures.sample, "-o", folder / "new/out", "--output", "labels,color,json,parts,people,cutout,overlay",
      "--json")
    #expect(result.status == 0, "\(result.errors)")
    let names = folder.contents.filter { $0.contains(".") }.map { $0.replacingOccurrences(of: "new/out/", with: "") }
    for name in ["labels.png", "color.png", "cutout.png", "overlay.png", "json", "parts/hair.png", "people/p01.png"] {
      #expect(names.contains("two-people." + name), "\(names)")
    }
    #expect(!names.contains { $0.contains("background") || $0.contains("human.png") || $0.hasSuffix(".tmp") })
    #expect(names.filter { $0.hasPrefix("two-people.parts/") }.count == 19)

    let labels = try LabelMap(contentsOf: URL(filePath: folder / "new/out/two-people.labels.png"))
    #expect((labels.width, labels.height) == (949, 512))
    #expect(Set(labels.indices).isSubset(of: 0..<20))
    for name in ["color", "overlay", "cutout"] {
      let image = try image("new/out/two-people.\(name).png")
      #expect((image.width, image.height) == (949, 512))
    }

    let text = try folder.read("new/out/two-people.json")
    let file = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
    let timings = try #require(file["timings_ms"] as? [String: Double])
    #expect(Set(timings.keys) == ["decode", "preprocess", "forward", "postprocess", "encode"])
    #expect(timings.values.allSatisfy { $0 > 0 }, "\(timings)")
    #expect(file["width"] as? Int == 949)
    #expect(file["weights"] is String)
    #expect((file["people"] as? [Any])?.isEmpty == false)

    #expect(result.lines.count == 1)
    let line = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(line["input"] as? String == Pictures.sample)
    #expect((line["outputs"] as? [String])?.count == 7)
    #expect((line["people"] as? [Any])?.count == (file["people"] as? [Any])?.count)
  }

  @Test(arguments: [
    (["--output", "color"], ["photo.color.png", "photo.png"]),
    (["--output", "json,labels"], ["photo.json", "photo.labels.png", "photo.png"]),
    ([], ["photo.color.png", "photo.json", "photo.labels.png", "photo.png"]),
    (
      ["--parts", "Hair,left-arm", "--output", "parts"],
      ["photo.parts", "photo.parts/hair.png", "photo.parts/leftArm.png", "photo.png"]
    ),
    (
      ["--parts", "face"],
      ["photo.color.png", "photo.json", "photo.labels.png", "photo.parts", "photo.parts/face.png", "photo.png"]
    ),
  ])
  func outputIsChosen(flags: [String], expected: [String]) throws {
    try folder.write("photo.png", try Pictures.png())
    let result = try Program(["parse", "photo.png"] + flags, in: folder.path).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.contents == expected)
    #expect(result.output.isEmpty)
    #expect(result.errors.isEmpty)
  }

  @Test(arguments: [
    "a b.png", "👩‍👧 写真.png", "a%20b#c?.png", "new\nline.png", "quote'\".png", "--recursive.png", "no extension",
  ])
  func strangeNames(name: String) throws {
    try folder.write(name, try Pictures.png())
    let result = try Program(["parse", "--output", "labels", "--", name], in: folder.path).wait()
    #expect(result.status == 0, "\(result.errors)")
    let stem = name.hasSuffix(".png") ? String(name.dropLast(4)) : name
    #expect(folder.contents == [name, stem + ".labels.png"].sorted())
  }

  @Test func theContentDecidesNotTheExtension() throws {
    try folder.write("photo.jpg", try Pictures.png())
    #expect(try Program.run("parse", folder / "photo.jpg", "--output", "labels").status == 0)
  }

  @Test func standardInput() throws {
    let path = try folder.write("in.png", try Pictures.png())
    let result = try Program.run(
      "parse", "-", "--output", "labels", in: folder.path, input: try FileHandle(forReadingFrom: URL(filePath: path)))
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.contents == ["in.png", "stdin.labels.png"])
  }

  @Test func whatIsNoFileIsRefusedAndNothingWaits() throws {
    try folder.write("good.png", try Pictures.png())
    #expect(mkfifo(folder / "pipe.png", 0o600) == 0)
    try FileManager.default.createDirectory(atPath: folder / "empty", withIntermediateDirectories: true)
    let result = try Program.run(
      "parse", "pipe.png", "empty", "/dev/null", "/proc/self/mem", "good.png", "--output", "labels", in: folder.path)
    #expect(result.status == 66)
    for words in ["pipe.png: expected a file or a folder, found a FIFO", "empty: expected pictures", "/dev/null: "] {
      #expect(result.errors.contains(words), "\(result.errors)")
    }
    #expect(result.errors.contains("/proc/self/mem: "))
    #expect(folder.contents.contains("good.labels.png"))
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func anUnreadableFileIsRefused() throws {
    let path = try folder.write("secret.png", try Pictures.png())
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    #expect(try Program.run("parse", path).status == 66)
  }

  @Test func foldersAreMirroredAndResultsAreNotParsedAgain() throws {
    for (seed, name) in ["in/a.png", "in/day/a.png", "in/day/b.png"].enumerated() {
      try folder.write(name, try Pictures.png(seed: seed))
    }
    let first = try Program.run(
      "parse", "in", "-o", "out", "--recursive", "--output", "labels,people", in: folder.path)
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.errors == "3 parsed\n")
    #expect(
      folder.contents.filter { $0.hasSuffix("labels.png") } == [
        "out/a.labels.png", "out/day/a.labels.png", "out/day/b.labels.png",
      ])
    let beside = try Program.run("parse", "in", "--recursive", "--output", "labels,people", in: folder.path)
    let again = try Program.run("parse", "in", "--recursive", "--output", "labels,people", in: folder.path)
    #expect(beside.errors == "3 parsed\n")
    #expect(again.errors == "3 parsed\n")
  }

  @Test func aBadPictureIsReportedAndTheOthersGoOn() throws {
    try folder.write("1.png", try Pictures.png())
    try folder.write("2.png", try Pictures.png().prefix(100))
    try folder.write("3.png", try Pictures.png(seed: 1))
    let result = try Program.run("parse", ".", "--output", "labels", "--json", in: folder.path)
    #expect(result.status == 65)
    #expect(result.errors.split(separator: "\n").count == 2, "\(result.errors)")
    #expect(result.errors.hasPrefix("Error: 2.png: "))
    #expect(result.errors.hasSuffix("2 parsed, 1 failed\n"))
    let inputs = try result.lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(inputs.map { $0["status"] as? Int } == [nil, 65, nil])
    #expect(folder.contents.filter { $0.hasSuffix("labels.png") } == ["1.labels.png", "3.labels.png"])
  }

  @Test func inputsThatWouldShareResultsAreRefusedBeforeAnyWork() throws {
    try folder.write("a/photo.jpg", try Pictures.png())
    try folder.write("b/photo.png", try Pictures.png())
    let result = try Program.run("parse", "a", "b", "-o", "out", in: folder.path)
    #expect(result.status == 64)
    #expect(result.errors.contains("a/photo.jpg and b/photo.png would both write out/photo.*"))
    #expect(!FileManager.default.fileExists(atPath: folder / "out"))
  }
}
