import SystemPackage

/// A file that grows at its end; closed at the end of its life.
package struct AppendedFile: ~Copyable {
  private let descriptor: FileDescriptor

  /// Opens a file, which is made if it is missing, and cuts off what is beyond `byteCount`.
  ///
  /// - Parameter byteCount: Bytes to keep; `nil` for all.
  package init(path: String, keeping byteCount: Int? = nil) throws(SystemError) {
    let opened = try throwingSystemError {
      try FileDescriptor.open(
        FilePath(keeping: path), .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: FilePermissions(rawValue: 0o666))
    }
    do throws(SystemError) {
      if let byteCount { try FileSystem.cut(opened, to: byteCount) }
    } catch {
      try? opened.close()
      throw error
    }
    descriptor = opened
  }

  deinit { try? descriptor.close() }

  /// Adds bytes at the end, and returns once they outlast a loss of power.
  package borrowing func append(_ bytes: [UInt8]) throws(SystemError) {
    let descriptor = descriptor
    _ = try throwingSystemError { try descriptor.writeAll(bytes) }
    try FileSystem.synchronize(descriptor)
  }
}
