import Foundation
import ImageCoding
import M2FPTool
import TestSupport
import Testing

/// Runs over many pictures that are interrupted, killed, out of disk space, or concurrent.
@Suite(.serialized, .timeLimit(.minutes(10))) struct LongRunTests {
  let folder: TemporaryFolder
  /// So many that a run is not over before a test on a busy machine sends its signal.
  static let count = 10

  init() throws {
    folder = try TemporaryFolder()
    for index in 1...Self.count { try folder.write("in/\(index).png", try Pictures.png(seed: index)) }
  }

  private func arguments(_ flags: String...) -> [String] {
    ["parse", folder / "in", "-o", folder / "out", "--output", "labels,color,people,json"] + flags
  }

  private var results: [String] { folder.contents.filter { $0.hasPrefix("out/") && !$0.hasSuffix(".tmp") } }

  /// Every file with its final name is complete.
  private func expectWholeFiles() throws {
    for name in results where name.hasSuffix(".png") {
      #expect(throws: Never.self, "\(name)") { try RGBImage(contentsOf: URL(filePath: folder / name)) }
    }
    for name in results where name.hasSuffix(".json") {
      #expect(throws: Never.self, "\(name)") { try JSONSerialization.jsonObject(with: Data(folder.read(name))) }
    }
  }

  private var complete: [String] {
    (1...Self.count).flatMap { ["\($0).labels.png", "\($0).color.png", "\($0).json", "\($0).people"] }
      .map { "out/" + $0 }
  }

  @Test func interruptStopsAfterTheCurrentPictureAndSaysHowToGoOn() throws {
    let program = try Program(arguments())
    program.wait(forFile: folder / "out/1.json")
    program.send(SIGINT)
    let result = try program.wait()
    #expect(result.status == 130)
    #expect(!result.wasKilled)
    #expect(result.errors.contains("--skip-existing"), "\(result.errors)")
    #expect(result.errors.contains("not begun"), "\(result.errors)")
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
    try expectWholeFiles()
    let done = results.filter { $0.hasSuffix(".json") }.count
    #expect((1..<Self.count).contains(done))

    let rest = try Program(arguments("--skip-existing")).wait()
    #expect(rest.status == 0)
    #expect(rest.errors == "\(Self.count - done) parsed, \(done) skipped\n")
    #expect(Set(complete).isSubset(of: results))
  }

  @Test(arguments: [(SIGTERM, 143), (SIGHUP, 129), (SIGQUIT, 131), (SIGXCPU, 152), (SIGUSR1, 138)] as [(Int32, Int32)])
  func otherSignalsStopAfterTheCurrentPictureToo(signal: Int32, status: Int32) throws {
    let program = try Program(arguments())
    program.wait(forFile: folder / "out/1.json")
    program.send(signal)
    let result = try program.wait()
    #expect(result.status == status)
    #expect(!result.wasKilled)
    #expect(result.errors.contains("--skip-existing"), "\(result.errors)")
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") }, "\(folder.contents)")
    try expectWholeFiles()
  }

  /// Neither leaves a part of its file, whenever the signal arrives.
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func conversionsThatAreStoppedLeaveNothing(signal: Int32) throws {
    let checkpoint = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/multi-r50-narrow/pytorch_model.pt").standardizedFileURL.path
    for delay in stride(from: 5, through: 105, by: 10) {
      let program = try Program(["convert", checkpoint, "-o", folder / "weights"])
      usleep(UInt32(1000 * delay))
      program.send(signal)
      let result = try program.wait()
      #expect(folder.contents.contains("weights") == (result.status == 0 && !result.wasKilled))
      #expect(!folder.contents.contains { $0.hasSuffix(".tmp") }, "\(folder.contents)")
      try? FileManager.default.removeItem(atPath: folder / "weights")
    }
  }

  @Test func temporariesOfAKilledRunAreSweptAndThoseOfALivingOneAreNot() throws {
    try folder.write("out/.1.json.abc.m2fp.tmp", [1])
    try folder.write("out/.1.people.abc.m2fp.tmp/p01.png", [1])
    try folder.write("out/.mine.tmp", [1])
    let held = open(try folder.write("out/.2.json.abc.m2fp.tmp", [1]), O_WRONLY)
    #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
    #expect(try Program(arguments()).wait().status == 0)
    #expect(
      folder.contents.filter { $0.hasSuffix(".tmp") } == ["out/.2.json.abc.m2fp.tmp", "out/.mine.tmp"])
    close(held)
  }

  @Test func interruptWakesAReadOfStandardInput() throws {
    let pipe = Pipe()
    let program = try Program(["parse", folder / "in/1.png", "-", "-o", folder / "out"], input: pipe)
    program.wait(forFile: folder / "out/1.json")
    program.send(SIGINT)
    let result = try program.wait()
    #expect(result.status == 130)
    #expect(!result.wasKilled)
    withExtendedLifetime(pipe) {}
  }

  @Test(arguments: ["1.labels.png", "2.people", "3.color.png", "4.json"])
  func killedRunsGoOnWithWholeFiles(file: String) throws {
    let program = try Program(arguments())
    program.wait(forFile: folder / "out/\(file)")
    program.send(SIGKILL)
    #expect(try program.wait().wasKilled)
    try expectWholeFiles()
    let before = try results.filter { $0.hasSuffix(".json") }.map { try folder.read($0) }

    let rest = try Program(arguments("--skip-existing")).wait()
    #expect(rest.status == 0, "\(rest.errors)")
    // If the program was killed early, there is nothing to skip yet.
    let skipped = before.isEmpty ? "" : ", \(before.count) skipped"
    #expect(rest.errors == "\(Self.count - before.count) parsed\(skipped)\n")
    #expect(Set(complete).isSubset(of: results))
    try expectWholeFiles()
  }

  @Test func nothingLeftToDo() throws {
    #expect(try Program(arguments()).wait().errors == "\(Self.count) parsed\n")
    let stamp = try FileManager.default.attributesOfItem(atPath: folder / "out/1.json")[.modificationDate] as? Date
    let again = try Program(arguments("--skip-existing", "--json")).wait()
    #expect(again.status == 0)
    #expect(again.errors == "0 parsed, \(Self.count) skipped\n")
    #expect(again.lines.count == Self.count)
    #expect(again.lines.allSatisfy { $0.contains("\"skipped\":true") })
    let after = try FileManager.default.attributesOfItem(atPath: folder / "out/1.json")[.modificationDate] as? Date
    #expect(stamp == after)
  }

  @Test func twoRunsIntoOneFolderDoNotMixInAFile() throws {
    var alone: [String: [[UInt8]]] = [:]
    for palette in ["film", "lip"] {
      #expect(try Program(arguments("--palette", palette)).wait().status == 0)
      for name in results where name.hasSuffix(".png") { alone[name, default: []].append(try folder.read(name)) }
    }
    let programs = try ["film", "lip"].map { try Program(arguments("--palette", $0)) }
    for program in programs { #expect(try program.wait().status == 0) }
    for (name, versions) in alone { #expect(versions.contains(try folder.read(name)), "\(name)") }
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
  }

  /// A limit on the file size replaces a full disk: both make a write fail in the middle of a file.
  @Test func aFullDiskIsReportedAndLeavesNoPart() throws {
    try folder.write("large/photo.png", try Pictures.png(width: 400, height: 400))
    let result = try Program.run(
      "parse", folder / "large/photo.png", "-o", folder / "out", "--output", "overlay,people",
      after: "trap '' XFSZ; ulimit -f 1")
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.contains("photo.png: "), "\(result.errors)")
    #expect(!results.contains("out/photo.overlay.png"))
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") }, "\(folder.contents)")
  }

  @Test(arguments: ["labels", "json", "people"])
  func anOutputNameThatIsTakenByAnotherKindIsReported(output: String) throws {
    let name = output == "labels" ? "1.labels.png/x" : output == "json" ? "1.json/x" : "1.people"
    try folder.write("out/\(name)", [1])
    let result = try Program.run("parse", folder / "in", "-o", folder / "out", "--output", output)
    #expect(result.status == 74)
    #expect(result.errors.contains("1.png: "), "\(result.errors)")
    #expect(result.errors.hasSuffix("\(Self.count - 1) parsed, 1 failed\n"), "\(result.errors)")
    #expect(try folder.read("out/\(name)") == [1])
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
  func aReadOnlyFolderIsReported() throws {
    try FileManager.default.createDirectory(
      atPath: folder / "out", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o555])
    #expect(try Program(arguments()).wait().status == 74)
    #expect(results.isEmpty)
  }

  @Test func masksOfFewerPeopleReplaceThoseOfMore() throws {
    try folder.write("in/1.png", [UInt8](Data(contentsOf: URL(filePath: Pictures.astronaut))))
    for name in ["p02", "p99"] { try folder.write("out/1.people/\(name).png", OwnFile.marked(try Pictures.png())) }
    try folder.write("out/1.people/mine.png", [1])
    #expect(try Program(arguments()).wait().status == 0)
    let json = try JSONSerialization.jsonObject(with: Data(folder.read("out/1.json"))) as? [String: Any]
    let people = try #require(json?["people"] as? [[String: Any]]).count { $0["unsure"] as? Bool == false }
    #expect(people > 0)
    let masks = results.filter { $0.hasPrefix("out/1.people/p") }
    #expect(masks == (0..<people).map { "out/1.people/p0\($0 + 1).png" })
    #expect(try folder.read("out/1.people/mine.png") == [1])
  }
}
