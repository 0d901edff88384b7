import Glibc

/// Whole reads and writes on the standard streams.
package enum StandardStream {
  /// Everything up to the end of standard input.
  ///
  /// - Parameter limit: More bytes than this are refused, so that an endless stream does not fill the memory.
  /// - Returns: The bytes, in memory.
  /// - Throws: ``Failure``: bad data beyond the limit, input failure, or interrupted once SIGINT has arrived.
  package static func readInput(limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if Interrupt.isRequested { throw Failure(.interrupted, "-: interrupted while reading standard input") }
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        let error = SystemError(code: errno)
        if error.code == EINTR { continue }
        throw Failure(.inputOutput, "-: \(error)")
      }
      guard bytes.count + count <= limit else {
        throw Failure(.badData, "-: expected at most \(limit) bytes on standard input, found more")
      }
      bytes += chunk[..<count]
    }
  }

  /// Writes a line of results.
  package static func writeResult(_ text: String) throws(Failure) {
    do {
      try write(Array((text + "\n").utf8), to: STDOUT_FILENO)
    } catch {
      throw Failure(.inputOutput, "standard output: \(error)")
    }
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { raw in
        Glibc.write(descriptor, raw.baseAddress.map { $0 + start }, raw.count - start)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw SystemError(code: errno)
      }
      start += count
    }
  }
}
