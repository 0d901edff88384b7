import SystemPackage

/// Files that appear whole or not at all.
///
/// A new file is written beside the target under a name of its own, forced to the disk, and renamed. Two writers of one
/// file do not mix: the last to finish wins. What a killed process leaves, `TemporaryFiles` removes.
package enum AtomicWriter {
  /// Why a file was not written; no part of it is left, and a file that was there before is untouched.
  package struct Refusal: Error, CustomStringConvertible {
    /// Fit to follow the file's name and a colon.
    package let description: String
    package let cause: (any Error)?

    init(_ description: String, cause: (any Error)? = nil) {
      self.description = description
      self.cause = cause
    }
  }

  /// Where the target is a link, the file that it leads to is replaced. A device or a pipe is written to as it is.
  ///
  /// - Parameters:
  ///   - path: The target.
  ///   - body: Writes the content.
  /// - Throws: `Refusal`, with what `body` threw as its cause.
  package static func write(to path: String, _ body: (OutputFile) throws -> Void) throws(Refusal) {
    guard !path.isEmpty else { throw Refusal("the path of a file was expected") }
    let target = FileSystem.canonicalPath(path) ?? path
    switch try? FileSystem.kind(of: target) {
    case .folder: throw Refusal("a file was to be written, but a directory of that name is there")
    case .regular, nil: try replace(target, body)
    default: try writeInPlace(target, body)
    }
  }

  private static func replace(_ target: String, _ body: (OutputFile) throws -> Void) throws(Refusal) {
    let (descriptor, temporary) = try createBeside(target)
    do {
      defer { try? descriptor.close() }
      try body(OutputFile(descriptor: descriptor))
      try FileSystem.synchronize(descriptor)
    } catch {
      try? FileSystem.removeFile(temporary)
      throw Refusal("the file cannot be written: \(error)", cause: error)
    }
    do { try FileSystem.move(temporary, to: target) } catch {
      try? FileSystem.removeFile(temporary)
      throw Refusal("the file cannot be put in its place: \(error)", cause: error)
    }
  }

  /// Made with `O_EXCL` under a random name, so that no two writers ever share one.
  private static func createBeside(_ target: String) throws(Refusal) -> (descriptor: FileDescriptor, path: String) {
    TemporaryFiles.sweep(besides: target)
    var cause = SystemError.fileExists
    for _ in 0..<16 where cause == .fileExists {
      let path = TemporaryFiles.path(beside: target)
      do throws(SystemError) {
        let descriptor = try throwingSystemError {
          try FileDescriptor.open(
            FilePath(keeping: path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: FilePermissions(rawValue: 0o666))
        }
        if TemporaryFiles.hold(descriptor, path) { return (descriptor, path) }
        try? descriptor.close()
      } catch { cause = error }
    }
    throw Refusal("a file cannot be made in that folder: \(cause)", cause: cause)
  }

  private static func writeInPlace(_ target: String, _ body: (OutputFile) throws -> Void) throws(Refusal) {
    do {
      let descriptor = try throwingSystemError {
        try FileDescriptor.open(FilePath(keeping: target), .writeOnly, options: .closeOnExec)
      }
      defer { try? descriptor.close() }
      try body(OutputFile(descriptor: descriptor))
    } catch { throw Refusal("it cannot be written to: \(error)", cause: error) }
  }
}
