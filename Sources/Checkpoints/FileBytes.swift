import Platform
import TensorCore

/// The bytes of a regular file, mapped or copied into memory, for as long as this object lives.
///
/// A mapped file must not be changed or cut short meanwhile: the bytes would change under the reader, and reading past
/// the new end ends the process (SIGBUS). Copy a file for which nobody can promise that.
package final class FileBytes: Sendable {
  private enum Memory {
    case mapped(MappedMemory)
    case copied(Storage)
  }

  /// Where the file is, or what stands for it in messages.
  package let path: String
  private let memory: Memory

  /// The longest file that is copied: many times what this network's weights take.
  private static let maximumCopy = 8 << 30

  /// Opens a regular file; pipes, directories and devices are refused without waiting for them.
  ///
  /// - Parameters:
  ///   - path: Where the file is.
  ///   - memoryMapped: False copies the file into memory that starts at a multiple of 64 bytes.
  /// - Throws: `CheckpointError` with code `noSuchFile`, `unreadable` or `tooLarge`.
  package init(path: String, memoryMapped: Bool) throws {
    let file = try Self.open(path)
    self.path = path
    memory =
      memoryMapped && file.byteCount > 0
      ? .mapped(try Self.map(file, path)) : .copied(try Self.copy(file, path))
  }

  /// Bytes that are in memory already, under a name for messages.
  package init(_ bytes: [UInt8], name: String) {
    let storage = Storage(byteCount: bytes.count)
    UnsafeMutableRawBufferPointer(start: storage.pointer, count: bytes.count).copyBytes(from: bytes)
    path = name
    memory = .copied(storage)
  }

  /// Size in bytes.
  package var count: Int { bytes.count }

  /// Hands out all bytes, which must not be used after `body` returns.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  private var bytes: UnsafeRawBufferPointer {
    switch memory {
    case .mapped(let mapping): mapping.bytes
    case .copied(let storage): UnsafeRawBufferPointer(start: storage.pointer, count: storage.byteCount)
    }
  }

  /// Lets the system have the memory back that holds a part of a mapped file; it is read again where it is asked for
  /// again. Of a copy nothing is given back.
  func discardPages(of range: Range<Int>) {
    if case .mapped(let mapping) = memory { mapping.discardPages(of: range) }
  }

  /// An error about this file: `message` says what is wrong with it, as in "has no header".
  package func error(_ code: CheckpointError.Code, _ message: String) -> CheckpointError {
    CheckpointError(code, "\(path) \(message).")
  }

  private static func open(_ path: String) throws -> InputFile {
    do throws(InputFile.Refusal) { return try InputFile(path: path) } catch {
      switch error {
      case .notRegular: throw CheckpointError(.unreadable, "\(path) is not a regular file.")
      case .system(let cause):
        let code: CheckpointError.Code = cause == .noSuchFile || cause == .notDirectory ? .noSuchFile : .unreadable
        throw CheckpointError(code, "\(path) cannot be opened: \(cause)", cause: cause)
      }
    }
  }

  private static func map(_ file: borrowing InputFile, _ path: String) throws -> MappedMemory {
    do {
      let mapping = try file.map()
      // Weights are read whole and soon; of a file that is no weights, not too much.
      mapping.prefetch(first: 1 << 30)
      return mapping
    } catch { throw CheckpointError(.unreadable, "\(path) cannot be mapped into memory: \(error)", cause: error) }
  }

  private static func copy(_ file: borrowing InputFile, _ path: String) throws -> Storage {
    guard file.byteCount <= maximumCopy else {
      throw CheckpointError(
        .tooLarge, "\(path) has \(file.byteCount) bytes, more than the \(maximumCopy) that are copied into memory.")
    }
    let storage = Storage(byteCount: file.byteCount)
    let count: Int
    do {
      count = try file.read(into: UnsafeMutableRawBufferPointer(start: storage.pointer, count: storage.byteCount))
    } catch { throw CheckpointError(.unreadable, "\(path) cannot be read: \(error)", cause: error) }
    guard count == storage.byteCount else {
      throw CheckpointError(.unreadable, "\(path) ended after \(count) bytes.")
    }
    return storage
  }
}
