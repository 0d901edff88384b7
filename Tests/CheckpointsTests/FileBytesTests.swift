import Checkpoints
import Foundation
import Testing

@Suite(.timeLimit(.minutes(10))) struct FileBytesTests {
  @Test(arguments: [true, false])
  func refusesWhatIsNotARegularFile(memoryMapped: Bool) throws {
    try withTemporaryFolder { folder in
      expectRefused(.noSuchFile, "cannot be opened") {
        _ = try FileBytes(path: folder + "/absent", memoryMapped: memoryMapped)
      }
      expectRefused(.noSuchFile, "cannot be opened") { _ = try FileBytes(path: "", memoryMapped: memoryMapped) }
      expectRefused(.unreadable, "is not a regular file") {
        _ = try FileBytes(path: folder, memoryMapped: memoryMapped)
      }
      expectRefused(.unreadable, "is not a regular file") {
        _ = try FileBytes(path: "/dev/zero", memoryMapped: memoryMapped)
      }
      let pipe = folder + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      expectRefused(.unreadable, "is not a regular file") { _ = try FileBytes(path: pipe, memoryMapped: memoryMapped) }
    }
  }

  @Test(arguments: [true, false])
  func emptyFilesAndAwkwardNamesAreRefusedByTheReaders(memoryMapped: Bool) throws {
    try withTemporaryFolder { folder in
      for name in ["-empty", "with space", "人 😀.pt"] {
        let path = folder + "/" + name
        try Data().write(to: URL(filePath: path))
        expectRefused(.malformed, name) { _ = try SafetensorsFile(path: path, memoryMapped: memoryMapped) }
        expectRefused(.unsupported, name) { _ = try PyTorchCheckpoint(path: path, memoryMapped: memoryMapped) }
      }
    }
  }

  /// A sparse file of a terabyte.
  @Test func hugeFilesTakeNoMemory() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/huge"
      try Data().write(to: URL(filePath: path))
      try #require(truncate(path, 1 << 40) == 0)
      expectRefused(.tooLarge, "more than the 8589934592 that") { _ = try FileBytes(path: path, memoryMapped: false) }
      expectRefused(.unsupported, "is no PyTorch checkpoint") { _ = try PyTorchCheckpoint(path: path) }
      expectRefused(.malformed, "expected an object") { _ = try SafetensorsFile(path: path) }
    }
  }

  @Test func nothingStaysMappedAfterAnError() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/damaged"
      try Data(fixtureBytes("model.pt").dropLast()).write(to: URL(filePath: path))
      #expect(throws: CheckpointError.self) { _ = try SafetensorsFile(path: path) }
      #expect(throws: CheckpointError.self) { _ = try PyTorchCheckpoint(path: path) }
      #expect(try !isMapped(path))
      let file = try FileBytes(path: path, memoryMapped: true)
      #expect(try isMapped(path))
      #expect(file.withBytes { $0.count } == file.count)
    }
  }

  @Test func aCopyDoesNotSeeLaterChanges() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      try SafetensorsWriter.write([.init(name: "a", shape: [2], floats: [1, 2])], to: path)
      let file = try SafetensorsFile(path: path, memoryMapped: false)
      #expect(truncate(path, 3) == 0)
      #expect(try file[name: "a"]?.floats() == [1, 2])
    }
  }

  @Test func errorsNameTheirCause() {
    do {
      _ = try FileBytes(path: "/absent", memoryMapped: true)
    } catch {
      #expect("\(error)" == "/absent cannot be opened: no such file or directory")
    }
  }

  private func isMapped(_ path: String) throws -> Bool {
    let maps = try #require(FileHandle(forReadingAtPath: "/proc/self/maps")).readToEnd()
    return String(decoding: try #require(maps), as: UTF8.self).contains(path)
  }
}
