import Foundation
import ImageCoding
import TestSupport
import Testing

/// Runs of `m2fp sequence` that end early, and go on.
@Suite(.serialized, .timeLimit(.minutes(10))) struct SequenceResumeTests {
  let folder: TemporaryFolder
  static let count = 9

  /// A person is in frames 3 to 8, who moves to the left, so that frames are smoothed with others; stripes are in the rest.
  init() throws {
    folder = try TemporaryFolder()
    let stripes = try folder.write("stripes.png", try Pictures.png(width: 64, height: 64))
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    let astronaut = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    for number in 1...Self.count {
      if (3...8).contains(number) {
        try folder.write("in/shot.000\(number).png", [UInt8](Self.part(of: astronaut, from: 5 * number).pngData()))
      } else {
        try FileManager.default.createSymbolicLink(
          atPath: folder / "in/shot.000\(number).png", withDestinationPath: stripes)
      }
    }
  }

  /// A picture without 48 of its columns, `left` of them at the left.
  private static func part(of image: RGBImage, from left: Int) throws -> RGBImage {
    let (pixels, width) = (image.pixels, image.width - 48)
    var part: [UInt8] = []
    for y in 0..<image.height {
      let start = 3 * (y * image.width + left)
      part += pixels[start..<start + 3 * width]
    }
    return try RGBImage(width: width, height: image.height, pixels: part)
  }

  private func arguments(into out: String, _ flags: String...) -> [String] {
    ["sequence", folder / "in", "-o", folder / out, "--output", "mattes,people,overlay", "--parts", "hair"] + flags
  }

  /// Bytes of the pictures, and what the manifest says apart from times.
  private func results(in out: String) throws -> [String: [UInt8]] {
    var results: [String: [UInt8]] = [:]
    for name in folder.contents where name.hasPrefix(out + "/") && name.hasSuffix(".png") {
      results[String(name.dropFirst(out.count + 1))] = try folder.read(name)
    }
    var manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(folder.read("\(out)/sequence.json"))) as? [String: Any])
    #expect(manifest["complete"] as? Bool == true)
    manifest["frames"] = (manifest["frames"] as? [[String: Any]])?.map { frame in
      frame.filter { $0.key != "milliseconds" }
    }
    results["sequence.json"] = [UInt8](
      try JSONSerialization.data(withJSONObject: manifest, options: [.sortedKeys]))
    return results
  }

  private func expectWholeFiles(in out: String) throws {
    for name in folder.contents where name.hasPrefix(out + "/") && !name.hasSuffix(".tmp") {
      if name.hasSuffix(".png") {
        #expect(throws: Never.self, "\(name)") { try RGBImage(contentsOf: URL(filePath: folder / name)) }
      } else if name.hasSuffix("sequence.json") {
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(folder.read(name))) }
      }
    }
  }

  private func expectSameResults(_ out: String, as other: String) throws {
    let (own, others) = (try results(in: out), try results(in: other))
    #expect(own.keys.sorted() == others.keys.sorted())
    for (name, bytes) in own { #expect(bytes == others[name], "\(name)") }
    #expect(
      !folder.contents.contains { $0.hasPrefix(out + "/") && ($0.hasSuffix(".tmp") || $0.contains("/.sequence")) })
  }

  @Test func killedRunsGoOnToTheSameBytes() throws {
    #expect(try Program(arguments(into: "whole")).wait().status == 0)
    let moments = ["overlay/overlay.0001.png", "hair/hair.0003.png", "p01/p01.0002.png", "person/person.0007.png"]
    for (index, file) in moments.enumerated() {
      let out = "killed\(index)"
      let program = try Program(arguments(into: out))
      program.wait(forFile: folder / "\(out)/\(file)")
      usleep(UInt32.random(in: 0..<30_000))
      program.send(SIGKILL)
      _ = try program.wait()
      try expectWholeFiles(in: out)
      let rest = try Program(arguments(into: out, "--resume")).wait()
      #expect(rest.status == 0, "\(rest.errors)")
      try expectSameResults(out, as: "whole")
    }
  }

  /// A run that is killed again and again comes to its end.
  @Test func runsThatAreKilledAllTheTimeEnd() throws {
    #expect(try Program(arguments(into: "whole")).wait().status == 0)
    var status: Int32 = -1
    for attempt in 1...60 where status != 0 {
      let program = try Program(arguments(into: "out", "--resume"))
      // Long enough for a frame or two, sooner or later.
      usleep(100_000 + 100_000 * UInt32(attempt))
      program.send(SIGKILL)
      let result = try program.wait()
      if !result.wasKilled { status = result.status }
      try expectWholeFiles(in: "out")
    }
    #expect(status == 0)
    try expectSameResults("out", as: "whole")
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 75)] as [(Int32, Int32)])
  func signalsStopAfterTheFrame(signal: Int32, status: Int32) throws {
    let program = try Program(arguments(into: "out"))
    program.wait(forFile: folder / "out/overlay/overlay.0002.png")
    program.send(signal)
    let result = try program.wait()
    #expect(!result.wasKilled)
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.hasSuffix("frames are done; the same command with --resume goes on from here.\n"))
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
    try expectWholeFiles(in: "out")
    #expect(try Program(arguments(into: "out", "--resume")).wait().status == 0)
    #expect(try Program(arguments(into: "whole")).wait().status == 0)
    try expectSameResults("out", as: "whole")
  }

  @Test func twoRunsDoNotShareAFolder() throws {
    // What a run holds as long as it lives.
    try FileManager.default.createDirectory(atPath: folder / "out", withIntermediateDirectories: true)
    let held = open(folder / "out", O_RDONLY)
    #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
    for flags in [[], ["--resume"]] {
      let second = try Program(arguments(into: "out") + flags).wait()
      #expect(second.status == 75, "\(second.errors)")
      #expect(
        second.errors
          == "Error: \(folder / "out"): expected a folder that no other run writes into, found that one does; "
          + "wait until it ends\n")
    }
    #expect(folder.contents.filter { $0.hasPrefix("out/") } == [])
    close(held)
    #expect(try Program(arguments(into: "out")).wait().status == 0)
  }

  @Test func whatIsDamagedIsMadeAgain() throws {
    #expect(try Program(arguments(into: "whole")).wait().status == 0)
    #expect(try Program(arguments(into: "out")).wait().status == 0)
    try folder.write("out/hair/hair.0004.png", [1, 2, 3])
    try FileManager.default.removeItem(atPath: folder / "out/p01/p01.0001.png")
    let result = try Program(arguments(into: "out", "--resume")).wait()
    #expect(result.status == 0, "\(result.errors)")
    for number in [1, 4] {
      #expect(result.errors.contains("frame \(number): its results are not whole, and made again"))
    }
    try expectSameResults("out", as: "whole")
    let again = try Program(arguments(into: "out", "--resume")).wait()
    #expect(again.errors.hasPrefix("9 of 9 frames are there\n9 parsed\n"), "\(again.errors)")
  }

  @Test func anotherRunIsNotGoneOnWith() throws {
    #expect(try Program(arguments(into: "out")).wait().status == 0)
    let others = [
      (["--parts", "face"], "masks"), (["--grow", "2"], "edges"), (["--precision", "fp16"], "weights"),
      (["--matte-depth", "8"], "matteDepth"), (["--frames", "2-9"], "frame 1 "), (["--temporal", "off"], "temporal"),
    ]
    for (flags, word) in others {
      let result = try Program(arguments(into: "out", "--resume") + flags).wait()
      #expect(result.status == 64, "\(result.errors)")
      #expect(result.errors.contains(word), "\(result.errors)")
    }
    for name in ["out/sequence.json", "out/.sequence.frames"] {
      try folder.write(name, Array("nonsense\n".utf8))
      if name.hasSuffix("frames") { try folder.write("out/.sequence.state", Array("{}".utf8)) }
      let result = try Program(arguments(into: "out", "--resume")).wait()
      #expect(result.status == 65, "\(result.errors)")
      #expect(result.errors.contains(folder / name), "\(result.errors)")
    }
  }
}
