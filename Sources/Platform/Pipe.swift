import SystemPackage

#if canImport(Darwin)
  import Darwin
#endif

/// The end of a pipe that bytes come out of; closed at the end of its life.
package final class PipeReader: Sendable {
  private let descriptor: FileDescriptor

  private init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

  deinit { try? descriptor.close() }

  /// A pipe whose ends other programs do not inherit, unless one is handed to them.
  ///
  /// - Returns: The end to read from, and the descriptor of the other one, which the caller closes.
  package static func open() throws(SystemError) -> (reader: PipeReader, writeEnd: CInt) {
    let (readEnd, writeEnd) = try throwingSystemError {
      #if canImport(Darwin)
        let ends = try FileDescriptor.pipe()
        for end in [ends.readEnd, ends.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        return ends
      #else
        return try FileDescriptor.pipe(options: .closeOnExec)
      #endif
    }
    return (PipeReader(readEnd), writeEnd.rawValue)
  }

  /// Reads until the buffer is full or nobody can write any more.
  ///
  /// - Returns: The number of bytes read.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try throwingSystemError {
      var count = 0
      while count < buffer.count {
        let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
        let read = try descriptor.read(into: rest)
        if read == 0 { break }
        count += read
      }
      return count
    }
  }
}
