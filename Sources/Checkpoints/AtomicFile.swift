import Glibc

/// A file that appears under its name whole or not at all: it is written under a temporary name in the same folder,
/// and renamed when it is complete and on the disk.
///
/// Two writers of the same file do not mix: each has a temporary file of its own, and the last to finish wins. A process
/// that is killed leaves at most a temporary file, named `.<random>.partial`.
struct AtomicFile: ~Copyable {
  private let path: String
  private let temporaryPath: String
  private let descriptor: Int32
  private var isCommitted = false

  /// - Throws: `CheckpointError` with code `notWritten`; so for all methods.
  init(path: String) throws {
    let (folder, name) = Self.split(path)
    var status = stat()
    guard !name.isEmpty, stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError(.notWritten, "\(path) cannot be written: it is a directory or another special file.")
    }
    let temporaryPath = "\(folder).\(String(UInt64.random(in: 0 ... .max), radix: 36)).partial"
    let descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw CheckpointError(.notWritten, "\(path) cannot be written.", cause: SystemError(number: errno))
    }
    self.path = path
    self.temporaryPath = temporaryPath
    self.descriptor = descriptor
  }

  deinit {
    close(descriptor)
    if !isCommitted { unlink(temporaryPath) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, start, rest.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw failure(errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Makes the file appear under its name.
  consuming func commit() throws {
    guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else { throw failure(errno) }
    isCommitted = true
    // The new name is on the disk once its folder is; where a file system does not offer that, the file is still whole.
    let folder = open(Self.split(path).folder + ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  private func failure(_ number: Int32) -> CheckpointError {
    CheckpointError(.notWritten, "\(path) cannot be written.", cause: SystemError(number: number))
  }

  /// The folder, with a slash at its end or empty for the current one, and the name in it.
  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    return (String(path[...slash]), String(path[path.utf8.index(after: slash)...]))
  }
}
