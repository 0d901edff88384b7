import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// A regular file that is open for reading; closed at the end of its life.
package struct InputFile: ~Copyable {
  package enum Refusal: Error, Equatable {
    /// There is something, but no regular file.
    case notRegular(FileKind)
    case system(SystemError)
  }

  private let descriptor: FileDescriptor
  /// Size in bytes when the file was opened.
  package let byteCount: Int

  /// The kind is looked at before anything is opened: to open a pipe may wait for its writer, and to open a device may
  /// do anything. It is looked at again afterwards, so that what is checked is what is read.
  package init(path: String) throws(Refusal) {
    try Self.check { try Stat(FilePath(keeping: path)) }
    let opened = try Self.refusing {
      try FileDescriptor.open(FilePath(keeping: path), .readOnly, options: [.closeOnExec, .nonBlocking])
    }
    do throws(Refusal) {
      byteCount = try Self.check { try Stat(opened) }
      descriptor = opened
    } catch {
      try? opened.close()
      throw error
    }
  }

  deinit { try? descriptor.close() }

  /// - Returns: The size in bytes.
  @discardableResult
  private static func check(_ status: () throws -> Stat) throws(Refusal) -> Int {
    let status = try refusing(status)
    guard status.type == .regular else { throw .notRegular(FileKind(status.type)) }
    return Int(status.size)
  }

  private static func refusing<Result>(_ body: () throws -> Result) throws(Refusal) -> Result {
    do throws(SystemError) { return try throwingSystemError(body) } catch { throw .system(error) }
  }

  /// Reads until the buffer is full or the file ends.
  ///
  /// - Parameter offset: Where in the file to begin.
  /// - Returns: The number of bytes read.
  package borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int = 0
  ) throws(SystemError) -> Int {
    let descriptor = descriptor
    return try throwingSystemError {
      var count = 0
      while count < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let read = try descriptor.read(fromAbsoluteOffset: Int64(offset + count), into: rest)
        if read == 0 { break }
        count += read
      }
      return count
    }
  }

  /// Reads the whole file; fewer bytes than `byteCount` if it has become shorter.
  package borrowing func contents() throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    // The array's own closures do not carry the type of an error.
    let result = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(SystemError) in try read(into: buffer) }
    }
    bytes.removeLast(bytes.count - (try result.get()))
    return bytes
  }

  /// Maps the whole file into memory, which stays valid after the file is closed.
  ///
  /// - Precondition: The file is not empty.
  package borrowing func map() throws(SystemError) -> MappedMemory {
    guard let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor.rawValue, 0), base != MAP_FAILED else {
      throw SystemError(Errno(rawValue: errno))
    }
    return MappedMemory(UnsafeRawBufferPointer(start: base, count: byteCount))
  }
}

/// The bytes of a file as read-only memory, for as long as this object lives.
///
/// The file must not be changed or cut short meanwhile: the bytes would change under the reader, and to read past the
/// new end ends the process (SIGBUS).
package final class MappedMemory: Sendable {
  /// Audited as `nonisolated(unsafe)`: nobody writes these bytes.
  package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  fileprivate init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// Lets the system read the first `count` bytes ahead.
  package func prefetch(first count: Int) { advise(0..<min(count, bytes.count), MADV_WILLNEED) }

  /// Gives back the memory that holds whole pages of a part; they are read again where they are asked for again.
  package func discardPages(of range: Range<Int>) {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return }
    let page = pageSize
    let (first, end) = ((range.lowerBound + page - 1) / page * page, range.upperBound / page * page)
    if first < end { advise(first..<end, MADV_DONTNEED) }
  }

  private func advise(_ range: Range<Int>, _ advice: Int32) {
    guard let base = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + range.lowerBound), range.count, advice)
  }
}

/// Bytes of a page of memory, at least 1.
var pageSize: Int { max(sysconf(Int32(_SC_PAGESIZE)), 1) }
