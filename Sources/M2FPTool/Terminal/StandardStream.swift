import Platform

extension Interrupt {
  /// Throws once a second signal asks to leave the current item.
  static func checkUrgency() throws(Failure) {
    if isUrgent { throw Failure(.signalled, "interrupted") }
  }

  /// Throws once a signal asks to stop, for work that makes a single file.
  static func checkRequest(beforeWriting path: String) throws(Failure) {
    if isRequested { throw Failure(.signalled, "\(path): interrupted, nothing is written") }
  }
}

/// Whole reads and writes on the standard streams.
package enum StandardStream {
  /// Everything up to the end of standard input.
  ///
  /// - Parameter limit: More bytes than this are refused, so that an endless stream does not fill the memory.
  /// - Returns: The bytes, in memory.
  /// - Throws: ``Failure``: bad data beyond the limit, input failure, or interrupted once a signal has arrived.
  package static func readInput(limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if Interrupt.isRequested { throw Failure(.signalled, "-: interrupted while reading standard input") }
      let count: Int
      do throws(SystemError) {
        count = try StandardInput.read(into: &chunk)
      } catch .interrupted {
        continue
      } catch {
        throw Failure(.inputOutput, "-: \(error)")
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw Failure(.badData, "-: expected at most \(limit) bytes on standard input, found more")
      }
      bytes += chunk[..<count]
    }
  }

  /// Writes a line of results, or several.
  ///
  /// - Parameter isJSON: Whether the text is UTF-8 throughout; otherwise names of files in it are written as their bytes.
  package static func writeResult(_ text: String, isJSON: Bool = true) throws(Failure) {
    do {
      try OutputFile.standardOutput.write(isJSON ? Array((text + "\n").utf8) : PathText.bytes(text + "\n"))
    } catch {
      throw Failure(.inputOutput, "standard output: \(error)")
    }
  }
}
