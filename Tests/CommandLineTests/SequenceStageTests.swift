import Foundation
import ImageCoding
import TestSupport
import Testing

/// `m2fp sequence analyze`, `link`, `render` and `merge`: a shot in pieces.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SequenceStageTests {
  let folder: TemporaryFolder
  static let count = 9

  /// A person is in frames 3 to 8, who moves to the left; frame 5 is missing, and the first two are stripes.
  init() throws {
    folder = try TemporaryFolder()
    let stripes = try Pictures.png(width: 64, height: 64)
    let astronaut = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    for number in 1...Self.count where number != 5 {
      let picture = try (3...8).contains(number) ? Self.part(of: astronaut, from: 5 * number).pngData() : stripes
      try folder.write("in/shot.000\(number).png", [UInt8](picture))
    }
  }

  /// A picture without 48 of its columns, `left` of them at the left.
  private static func part(of image: RGBImage, from left: Int) throws -> RGBImage {
    var part: [UInt8] = []
    for y in 0..<image.height {
      let start = 3 * (y * image.width + left)
      part += image.pixels[start..<start + 3 * (image.width - 48)]
    }
    return try RGBImage(width: image.width - 48, height: image.height, pixels: part)
  }

  @discardableResult private func run(
    _ stage: String, into out: String, _ flags: String..., status: Int32? = 0, after shell: String? = nil
  ) throws -> Program.Result {
    let given = ["--output", "mattes,people,labels,cryptomatte", "--parts", "hair", "--missing", "black"]
    let result = try Program(["sequence", stage, folder / "in", "-o", folder / out] + given + flags, after: shell)
      .wait()
    if let status { #expect(result.status == status, "\(stage): \(result.errors)") }
    return result
  }

  /// Runs the stages in pieces, in no order within a stage.
  private func runStages(_ pieces: [String], into out: String, _ flags: String...) throws {
    func run(_ stage: String, _ more: [String]) throws {
      let arguments = ["sequence", stage, folder / "in", "-o", folder / out]
      let given = ["--output", "mattes,people,labels,cryptomatte", "--parts", "hair", "--missing", "black"]
      let result = try Program(arguments + given + flags + more).wait()
      #expect(result.status == 0, "\(stage) \(more): \(result.errors)")
    }
    for piece in pieces { try run("analyze", ["--only", piece]) }
    try run("link", [])
    for piece in pieces.reversed() { try run("render", ["--only", piece]) }
    try run("merge", ["--clean"])
  }

  /// Bytes of the results, and what the manifest says apart from times.
  private func results(in out: String) throws -> [String: [UInt8]] {
    var results: [String: [UInt8]] = [:]
    for name in folder.contents
    where name.hasPrefix(out + "/") && [".png", ".exr", ".json", ".tmp"].contains(where: name.hasSuffix) {
      results[String(name.dropFirst(out.count + 1))] = try folder.read(name)
    }
    var manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(folder.read("\(out)/sequence.json"))) as? [String: Any])
    #expect(manifest["complete"] as? Bool == true)
    manifest["frames"] = (manifest["frames"] as? [[String: Any]])?.map { $0.filter { $0.key != "milliseconds" } }
    results["sequence.json"] = [UInt8](
      try JSONSerialization.data(withJSONObject: manifest, options: [.sortedKeys]))
    return results
  }

  private func expectSameResults(_ out: String, as other: String) throws {
    let (own, others) = (try results(in: out), try results(in: other))
    #expect(own.keys.sorted() == others.keys.sorted())
    for (name, bytes) in own { #expect(bytes == others[name], "\(name)") }
  }

  @Test(arguments: ["light", "full"]) func piecesAreAsTheWhole(temporal: String) throws {
    let one = try run("run", into: "one", "--temporal", temporal)
    try runStages(["1-3", "4,6", "5,7-9"], into: "pieces", "--temporal", temporal)
    try expectSameResults("pieces", as: "one")
    #expect(one.errors.contains("person 1"), "\(one.errors)")
  }

  @Test func stagesStayAsTheyAreAndAreRefused() throws {
    try run("render", into: "out", status: 66)
    let lacking = try run("link", into: "out", status: 66)
    #expect(lacking.errors.contains("expected frames 1-9"), "\(lacking.errors)")
    try run("analyze", into: "out", "--only", "1-6")
    let again = try run("analyze", into: "out")
    #expect(again.errors.contains("6 of 9 frames are there"), "\(again.errors)")
    let other = try run("link", into: "out", "--temporal", "off", status: 64)
    #expect(other.errors.contains("other temporal"), "\(other.errors)")
    try run("link", into: "out")
    let link = try folder.read("out/.sequence.stages/link.json")
    let grown = try run("render", into: "out", "--grow", "2", status: 64)
    #expect(grown.errors.contains("other edges"), "\(grown.errors)")
    try run("render", into: "out", "--only", "1-8")
    let holes = try run("merge", into: "out", status: 66)
    #expect(holes.errors.contains("has not written 9"), "\(holes.errors)")
    #expect(!folder.contents.contains("out/sequence.json"))
    // A task that is started again, whatever it is, changes nothing.
    try run("link", into: "out")
    #expect(try folder.read("out/.sequence.stages/link.json") == link)
    try folder.write("out/hair/hair.0004.png", [1, 2, 3])
    let rest = try run("render", into: "out")
    #expect(rest.errors.contains("7 of 9 frames are there"), "\(rest.errors)")
    try run("merge", into: "out")
    try run("merge", into: "out", "--clean")
    try run("merge", into: "out", "--clean")
    try run("run", into: "one")
    try expectSameResults("out", as: "one")
  }

  @Test func killedTasksGoOn() throws {
    try run("run", into: "one")
    for (stage, file) in [("analyze", ".sequence.stages/analysis.0003.safetensors"), ("render", "hair/hair.0004.png")] {
      if stage == "render" { try run("link", into: "out") }
      for (signal, status) in [(SIGKILL, -1), (SIGTERM, 75)] as [(Int32, Int32)] {
        let program = try Program(
          ["sequence", stage, folder / "in", "-o", folder / "out", "--output", "mattes,people,labels,cryptomatte"]
            + ["--parts", "hair", "--missing", "black"])
        program.wait(forFile: folder / "out/\(file)")
        program.send(signal)
        let result = try program.wait()
        if signal == SIGTERM, result.status != 0 {
          #expect(result.status == status, "\(result.errors)")
          #expect(result.errors.hasSuffix("frames are done; the same command goes on from here.\n"), "\(result.errors)")
        }
      }
      try run(stage, into: "out")
    }
    try run("merge", into: "out", "--clean")
    try expectSameResults("out", as: "one")
  }

  @Test func filesOfOthersAreKept() throws {
    try folder.write("out/hair/hair.0100.png", [1])
    try run("analyze", into: "out")
    let result = try run("link", into: "out", status: 74)
    #expect(result.errors.contains("hair.0100.png"), "\(result.errors)")
    try run("link", into: "out", "--overwrite")
    try run("render", into: "out")
  }

  // MARK: Schedulers

  @Test func anEstimateHasMemoryAndTime() throws {
    let one = try run("run", into: "out", "--estimate", "--threads", "1")
    let analysis = try run("analyze", into: "out", "--estimate", "--only", "1-4")
    for result in [one, analysis] {
      #expect(result.output.wholeMatch(of: /memory: [1-9][0-9]* MiB\ntime: [1-9][0-9]* s\n/) != nil, "\(result.output)")
    }
    #expect(!folder.contents.contains { $0.hasPrefix("out") })
  }

  @Test func schedulersSayHowManyThreads() throws {
    for (assignment, count) in [("SLURM_CPUS_PER_TASK=3", 3), ("CUE_THREADS=1", 1)] {
      let result = try run("analyze", into: "out", "--estimate", "--only", "1", after: "export \(assignment)")
      #expect(result.errors.contains("on \(count) threads"), "\(result.errors)")
    }
  }

  @Test func aRefusalOfMemoryHasAStatusOfItsOwn() throws {
    // Enough to start with, and too little for a frame: a narrow window, whose place depends on what the program links.
    var statuses: Set<Int32> = []
    for mebibytes in stride(from: 120, through: 400, by: 8) where statuses.isDisjoint(with: [0, 33]) {
      let result = try run(
        "analyze", into: "out", "--only", "3", "--threads", "1", status: nil, after: "ulimit -v \(mebibytes << 10)")
      statuses.insert(result.status)
      if result.status == 33 {
        #expect(result.errors.contains("Error: expected more memory than the system gives"), "\(result.errors)")
      }
    }
    #expect(statuses.contains(33), "\(statuses)")
  }
}
