import Files
import Glibc
import TensorCore

/// The bytes of a regular file, mapped or copied into memory, for as long as this object lives.
///
/// A mapped file must not be changed or cut short meanwhile: the bytes would change under the reader, and reading past
/// the new end ends the process (SIGBUS). Copy a file for which nobody can promise that.
package final class FileBytes: @unchecked Sendable {
  /// Where the file is, or what stands for it in messages.
  package let path: String
  /// Size in bytes.
  package let count: Int
  private let base: UnsafeRawPointer
  /// Owner of the copy; nil where the file is mapped.
  private let copy: Storage?

  /// The longest file that is copied: many times what this network's weights take.
  private static let maximumCopy = 8 << 30

  /// Opens a regular file; pipes, directories and devices are refused without waiting for them.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - memoryMapped: False copies the file into memory that starts at a multiple of 64 bytes.
  /// - Throws: `CheckpointError` with code `noSuchFile`, `unreadable` or `tooLarge`.
  package init(path: String, memoryMapped: Bool) throws {
    let descriptor = try Self.open(path)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw CheckpointError(.unreadable, "\(path) cannot be read.", cause: SystemError(errno))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw CheckpointError(.unreadable, "\(path) is not a regular file.")
    }
    self.path = path
    count = Int(status.st_size)
    if memoryMapped, count > 0 {
      guard let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapping != MAP_FAILED else {
        throw CheckpointError(.unreadable, "\(path) cannot be mapped into memory.", cause: SystemError(errno))
      }
      // Weights are read whole and soon; of a file that is no weights, not too much.
      madvise(mapping, min(count, 1 << 30), MADV_WILLNEED)
      base = UnsafeRawPointer(mapping)
      copy = nil
    } else {
      guard count <= Self.maximumCopy else {
        throw CheckpointError(
          .tooLarge, "\(path) has \(count) bytes, more than the \(Self.maximumCopy) that are copied into memory.")
      }
      let storage = Storage(byteCount: count)
      try Self.fill(storage, from: descriptor, path)
      base = UnsafeRawPointer(storage.pointer)
      copy = storage
    }
  }

  /// Bytes that are in memory already, under a name for messages.
  package init(_ bytes: [UInt8], name: String) {
    let storage = Storage(byteCount: bytes.count)
    UnsafeMutableRawBufferPointer(start: storage.pointer, count: bytes.count).copyBytes(from: bytes)
    path = name
    count = bytes.count
    base = UnsafeRawPointer(storage.pointer)
    copy = storage
  }

  deinit {
    if copy == nil { munmap(UnsafeMutableRawPointer(mutating: base), count) }
  }

  /// Hands out all bytes, which must not be used after `body` returns.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(start: base, count: count)) }
  }

  /// Lets the system have the memory back that holds a part of a mapped file; it is read again where it is asked for
  /// again. Of a copy nothing is given back.
  func discardPages(of range: Range<Int>) {
    guard copy == nil, range.lowerBound >= 0, range.upperBound <= count else { return }
    let page = max(sysconf(Int32(_SC_PAGESIZE)), 1)
    let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    guard first < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
  }

  /// An error about this file: `message` says what is wrong with it, as in "has no header".
  package func error(_ code: CheckpointError.Code, _ message: String) -> CheckpointError {
    CheckpointError(code, "\(path) \(message).")
  }

  private static func open(_ path: String) throws -> Int32 {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor < 0 else { return descriptor }
    let number = errno
    let code: CheckpointError.Code = number == ENOENT || number == ENOTDIR ? .noSuchFile : .unreadable
    throw CheckpointError(code, "\(path) cannot be opened.", cause: SystemError(number))
  }

  private static func fill(_ storage: Storage, from descriptor: Int32, _ path: String) throws {
    var offset = 0
    while offset < storage.byteCount {
      let count = read(descriptor, storage.pointer + offset, storage.byteCount - offset)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let cause = count < 0 ? SystemError(errno) : nil
        throw CheckpointError(.unreadable, "\(path) ended or failed after \(offset) bytes.", cause: cause)
      }
      offset += count
    }
  }
}
