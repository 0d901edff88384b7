import SystemPackage

/// A file or a stream that is open for writing. Whoever opened it closes it.
package struct OutputFile: Sendable {
  let descriptor: FileDescriptor

  package static let standardOutput = OutputFile(descriptor: .standardOutput)
  package static let standardError = OutputFile(descriptor: .standardError)

  /// Writes all bytes, however many calls it takes.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    _ = try throwingSystemError { try descriptor.writeAll(bytes) }
  }

  package func write(_ bytes: [UInt8]) throws(SystemError) {
    _ = try throwingSystemError { try descriptor.writeAll(bytes) }
  }

  /// Makes a file of the bytes, or replaces the contents of one. For files that nobody can see yet.
  package static func create(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    let descriptor = try throwingSystemError {
      try FileDescriptor.open(
        FilePath(keeping: path), .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: FilePermissions(rawValue: 0o666))
    }
    defer { try? descriptor.close() }
    try OutputFile(descriptor: descriptor).write(bytes)
  }
}

package enum StandardInput {
  /// Reads what is there, and waits until there is something.
  ///
  /// - Returns: The number of bytes read; 0 at the end.
  /// - Throws: ``SystemError``, `interrupted` among them when a signal arrives.
  package static func read(into bytes: inout [UInt8]) throws(SystemError) -> Int {
    try throwingSystemError {
      try bytes.withUnsafeMutableBytes { try FileDescriptor.standardInput.read(into: $0, retryOnInterrupt: false) }
    }
  }
}
