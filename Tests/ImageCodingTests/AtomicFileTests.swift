import Foundation
import ImageCoding
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct AtomicFileTests {
  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(arguments: ["plain.png", "a b.png", "-x", "🎭.png", String(repeating: "é", count: 127)])
  func writesAndReplaces(_ name: String) throws {
    try TemporaryFolder.with { folder in
      let url = folder.appendingPathComponent(name)
      for content in ["first", "", "third"] {
        try AtomicFile.write(Data(content.utf8), to: url)
        #expect(try Data(contentsOf: url) == Data(content.utf8))
      }
      #expect(try names(in: folder).count == 1)
    }
  }

  @Test func aFailureLeavesNothingAndTouchesNothing() throws {
    try TemporaryFolder.with { folder in
      let url = folder.appendingPathComponent("result.json")
      try AtomicFile.write(Data("before".utf8), to: url)
      expectRefusal(.writeFailed, "result.json", "No space left") {
        try AtomicFile.write(to: url) { file in
          try file.write(Array("half of".utf8))
          throw Exhausted()
        }
      }
      #expect(try names(in: folder) == ["result.json"])
      #expect(try Data(contentsOf: url) == Data("before".utf8))
    }
  }

  private struct Exhausted: Error, CustomStringConvertible { let description = "No space left on device" }

  @Test func refusesAFullDisk() {
    expectRefusal(.writeFailed, "/dev/full", "no space left") {
      try AtomicFile.write(Data(count: 100_000), to: URL(fileURLWithPath: "/dev/full"))
    }
  }

  @Test func refusesFoldersThatTakeNoFiles() throws {
    try TemporaryFolder.with { folder in
      let file = folder.appendingPathComponent("file")
      try AtomicFile.write(Data(), to: file)
      let image = try RGBImage(width: 2, height: 2, filledWith: (1, 2, 3))
      for target in [
        file.appendingPathComponent("below.png"), folder.appendingPathComponent("none/below.png"),
        URL(fileURLWithPath: "/proc/below.png"),
      ] {
        expectRefusal(.writeFailed, "below.png", "cannot be made") { try image.write(to: target) }
      }
      expectRefusal(.writeFailed, folder.lastPathComponent, "a directory") { try image.write(to: folder) }
      let web = try #require(URL(string: "https://example.org/photo.png"))
      expectRefusal(.writeFailed, "https://example.org") { try image.write(to: web) }
      #expect(try names(in: folder) == ["file"])
    }
  }

  @Test func writesThroughALink() throws {
    try TemporaryFolder.with { folder in
      let (file, link) = (folder.appendingPathComponent("file"), folder.appendingPathComponent("link"))
      try AtomicFile.write(Data("old".utf8), to: file)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
      try AtomicFile.write(Data("new".utf8), to: link)
      #expect(try Data(contentsOf: file) == Data("new".utf8))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
    }
  }

  @Test func writersNeverMix() async throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("mixed-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: url) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in UInt8(0)..<8 {
        group.addTask {
          for _ in 0..<10 { try AtomicFile.write(Data(repeating: writer, count: 50_000 + Int(writer)), to: url) }
        }
      }
      try await group.waitForAll()
    }
    let content = try Data(contentsOf: url)
    let writer = try #require(content.first)
    #expect(content == Data(repeating: writer, count: 50_000 + Int(writer)))
  }
}
