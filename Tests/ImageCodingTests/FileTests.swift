import Foundation
import ImageCoding
import TestSupport
import Testing

/// Paths that are not plain files, and plain files with odd names.
@Suite(.timeLimit(.minutes(10))) struct FileTests {
  @Test(arguments: [
    "a photo.jpg", "👩‍🎤 naïve 写真.jpg", "-o", "--help.png", "a%20b#c?d.jpg", "new\nline.jpg", "extensionless",
  ])
  func readsAnyName(_ name: String) throws {
    try TemporaryFolder.with { folder in
      let url = folder.appendingPathComponent(name)
      let fixture = Fixture("decode/444.jpg")
      try FileManager.default.copyItem(at: fixture.url, to: url)
      try expectSame(RGBImage(contentsOf: url), fixture.expected, within: 1)
    }
  }

  @Test func refusesWhatIsNoFile() throws {
    try TemporaryFolder.with { folder in
      expectRefusal(.notAFile, folder.lastPathComponent, "a directory") { _ = try RGBImage(contentsOf: folder) }
      let pipe = folder.appendingPathComponent("pipe.jpg")
      #expect(mkfifo(pipe.path, 0o600) == 0)
      expectRefusal(.notAFile, "pipe.jpg", "a named pipe") { _ = try RGBImage(contentsOf: pipe) }
      expectRefusal(.notAFile, "zero", "a device") { _ = try RGBImage(contentsOf: URL(fileURLWithPath: "/dev/zero")) }
      let missing = folder.appendingPathComponent("missing.jpg")
      expectRefusal(.notFound, missing.path, "no such file") { _ = try RGBImage(contentsOf: missing) }
      expectRefusal(.notFound, "file") { _ = try RGBImage(contentsOf: pipe.appendingPathComponent("below.jpg")) }
      let web = try #require(URL(string: "https://example.org/photo.jpg"))
      expectRefusal(.unreadable, "https://example.org", "URL of a file") { _ = try RGBImage(contentsOf: web) }
    }
  }

  @Test func refusesWhatCannotBeRead() throws {
    try TemporaryFolder.with { folder in
      let loop = folder.appendingPathComponent("loop.jpg")
      try FileManager.default.createSymbolicLink(at: loop, withDestinationURL: loop)
      expectRefusal(.unreadable, "loop.jpg", "cannot be read") { _ = try RGBImage(contentsOf: loop) }
      let secret = folder.appendingPathComponent("secret.jpg")
      try FileManager.default.copyItem(at: Fixture("decode/444.jpg").url, to: secret)
      #expect(chmod(secret.path, 0) == 0)
      // The superuser reads it all the same.
      if geteuid() == 0 {
        _ = try RGBImage(contentsOf: secret)
      } else {
        expectRefusal(.unreadable, "secret.jpg", "permission") { _ = try RGBImage(contentsOf: secret) }
      }
    }
  }

  @Test func followsLinks() throws {
    try TemporaryFolder.with { folder in
      let link = folder.appendingPathComponent("link.png")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: Fixture("decode/rgb8.png").url)
      try expectSame(RGBImage(contentsOf: link), Fixture("decode/rgb8.png").expected)
    }
  }
}
