import Foundation
import Platform
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct FileTests {
  private func bytes(of file: borrowing InputFile) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: file.byteCount) { buffer, count in
      count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  @Test func readsAndMapsTheSameBytes() throws {
    try TemporaryFolder.with { folder in
      let path = folder.appending(path: "file").path
      let content = (0..<100_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      try AtomicWriter.write(to: path) { try $0.write(content) }
      let file = try InputFile(path: path)
      #expect(file.byteCount == content.count)
      #expect(try bytes(of: file) == content)
      let memory = try file.map()
      memory.prefetch(first: .max)
      memory.discardPages(of: 0..<content.count)
      #expect(memory.bytes.elementsEqual(content))
    }
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    func refusal(_ path: String) -> InputFile.Refusal? {
      do throws(InputFile.Refusal) {
        _ = try InputFile(path: path)
        return nil
      } catch { return error }
    }
    try TemporaryFolder.with { folder in
      #expect(refusal(folder.path) == .notRegular(.folder))
      #expect(refusal(folder.path + "/none") == .system(.noSuchFile))
    }
    #expect(refusal("/dev/null") == .notRegular(.device))
  }

  @Test func aFolderIsLockedOnce() throws {
    try TemporaryFolder.with { folder in
      let lock = try #require(FolderLock(folder.path))
      withExtendedLifetime(lock) { #expect(FolderLock(folder.path) == nil) }
    }
    try TemporaryFolder.with { folder in
      for _ in 0..<2 { #expect(FolderLock(folder.path) != nil) }
      let shared = try #require(FolderLock(folder.path, isShared: true))
      withExtendedLifetime(shared) {
        #expect(FolderLock(folder.path, isShared: true) != nil && FolderLock(folder.path) == nil)
      }
    }
  }

  @Test func knowsKindsLinksAndNames() throws {
    try TemporaryFolder.with { folder in
      let root = try #require(FileSystem.canonicalPath(folder.path))
      try FileSystem.makeFolder(root + "/b")
      try AtomicWriter.write(to: root + "/a") { _ in }
      try FileManager.default.createSymbolicLink(atPath: root + "/c", withDestinationPath: "b")
      #expect(try FileSystem.contents(of: root) == ["a", "b", "c"])
      #expect(try FileSystem.kind(of: root + "/a") == .regular)
      #expect(try FileSystem.kind(of: root + "/c") == .folder)
      #expect(try FileSystem.kind(of: root + "/c", followingLinks: false) == .link)
      #expect(FileSystem.canonicalPath(root + "/c") == root + "/b")
      #expect(FileSystem.canonicalPath(root + "/none") == nil)
      #expect(throws: SystemError.fileExists) { try FileSystem.makeFolder(root + "/b") }
      #expect(throws: SystemError.noSuchFile) { try FileSystem.contents(of: root + "/none") }
      try FileSystem.move(root + "/a", to: root + "/b/a")
      #expect(throws: SystemError.directoryNotEmpty) { try FileSystem.removeFolder(root + "/b") }
      try FileSystem.removeFile(root + "/b/a")
      try FileSystem.removeFolder(root + "/b")
    }
  }

  @Test func everyPathIsAString() {
    let paths: [[UInt8]] = [
      [], Array("a/é👩‍👧".utf8), [0x63, 0xE9, 0x2E], [0xFF, 0xFE, 0x80], [0xC3], [0xE2, 0x82, 0x2F, 0x61],
      [0xF4, 0x8F, 0xBA, 0x80], [0xF4, 0x8F, 0xBB, 0xBF, 0xE9], [0xED, 0xA0, 0x80], Array("e\u{301}".utf8),
      [0xF0, 0x90], [0xC0, 0x80, 0x41],
    ]
    for path in paths { #expect(PathText.bytes(PathText.text(path)) == path) }
    #expect(Set(paths.map { Array(PathText.text($0).utf8) }).count == paths.count)
  }

  @Test func temporaryNamesFitWhateverTheTarget() throws {
    try TemporaryFolder.with { folder in
      let path = folder.path + "/" + String(repeating: "é", count: 127)
      try AtomicWriter.write(to: path) { try $0.write([1]) }
      let held = try TemporaryFolderFile(beside: path)
      #expect(try FileSystem.kind(of: held.path) == .folder)
      FileSystem.removeTree(held.path)
      #expect(try FileSystem.contents(of: folder.path).count == 1)
    }
  }

  @Test func saysErrorsInLowerCase() {
    #expect("\(SystemError.noSuchFile)" == "no such file or directory")
    #expect("\(SystemError.permissionDenied)" == "permission denied")
  }
}
