import Foundation
import FrameSequences
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct FrameFolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func write(_ names: String...) throws { for name in names { try folder.write(name) } }

  private func found() throws -> FramePattern {
    var pattern = try FrameFolder.pattern(in: folder.path, extensions: ["png", "jpg"])
    pattern.folder = "."
    return pattern
  }

  @Test func takesTheLastDigitsBeforeTheExtension() throws {
    try write("shot2.0998.png", "shot2.1000.png", "notes.txt", ".shot2.1.png.tmp", "thumb.mp4", "cover.png")
    try FileManager.default.createDirectory(atPath: folder / "shot2.0999.png", withIntermediateDirectories: true)
    #expect(try found() == FramePattern(folder: ".", prefix: "shot2.", padding: 4, suffix: ".png"))
    let frames = try FrameFolder.frames(of: FrameFolder.pattern(in: folder.path, extensions: ["png"]))
    #expect(frames.map(\.number) == [998, 1000])
    #expect(frames.map(\.digits) == ["0998", "1000"])
    #expect(frames[0].path == folder / "shot2.0998.png")
  }

  @Test func growsBeyondItsPadding() throws {
    try write("f998.png", "f999.png", "f1000.png")
    #expect(try found().padding == 3)
    let pattern = try FrameFolder.pattern(in: folder.path, extensions: ["png"])
    #expect(try FrameFolder.frames(of: pattern).map(\.number) == [998, 999, 1000])
  }

  @Test func knowsNegativeNumbers() throws {
    try write("a.-002.png", "a.-001.png", "a.0000.png", "a.0001.png")
    #expect(try found() == FramePattern(folder: ".", prefix: "a.", padding: 4, suffix: ".png"))
    let pattern = try FrameFolder.pattern(in: folder.path, extensions: ["png"])
    #expect(try FrameFolder.frames(of: pattern).map(\.number) == [-2, -1, 0, 1])
  }

  @Test func aDashInANameIsNoSign() throws {
    try write("take-3.png", "take-4.png")
    #expect(try found() == FramePattern(folder: ".", prefix: "take-", padding: 1, suffix: ".png"))
  }

  @Test func framesMayBeLinks() throws {
    try write("render/b.9.png")
    for number in [1, 2] {
      try FileManager.default.createSymbolicLink(
        atPath: folder / "a.\(number).png", withDestinationPath: "render/b.9.png")
    }
    try FileManager.default.createSymbolicLink(atPath: folder / "a.3.png", withDestinationPath: "gone.png")
    let pattern = try #require(try FramePattern(path: folder / "a.%d.png"))
    #expect(try FrameFolder.frames(of: pattern).map(\.number) == [1, 2])
  }

  @Test func listsSeveralSequences() throws {
    try write("a.1.png", "a.2.png", "b.0001.png", "a.1.jpg")
    #expect {
      try FrameFolder.pattern(in: folder.path, extensions: ["png", "jpg"])
    } throws: { error in
      "\(error)".hasSuffix("expected one sequence, found a.%d.jpg (1), a.%d.png (2), b.####.png (1); name one of them")
    }
  }

  @Test func refusesTwoFilesForOneFrame() throws {
    try write("a.-005.png", "a.-0005.png", "a.0001.png")
    let pattern = try #require(try FramePattern(path: folder / "a.####.png"))
    #expect { try FrameFolder.frames(of: pattern) } throws: { ($0 as? FrameSequenceError)?.code == .ambiguous }
  }

  @Test func refusesFoldersWithoutFrames() throws {
    for name in ["", "/missing"] {
      #expect {
        try FrameFolder.pattern(in: folder.path + name, extensions: ["png"])
      } throws: { ($0 as? FrameSequenceError)?.code == .notFound }
    }
  }

  @Test func aFrameStandsForItsSequence() throws {
    try write("a.0009.png", "a.0010.png")
    #expect(FrameFolder.pattern(ofFrame: folder / "a.0010.png")?.name == "a.####.png")
    #expect(FrameFolder.pattern(ofFrame: folder / "cover.png") == nil)
    #expect(FrameFolder.pattern(ofFrame: "x/a.07.png")?.path == "x/a.##.png")
  }
}
