import Glibc

/// Files that appear whole or not at all.
///
/// A new file is written beside the target under a name of its own, forced to the disk, and renamed. Two writers of one
/// file do not mix: the last to finish wins. A process that is killed leaves at most `.name.random.tmp`.
package enum WholeFile {
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
  ///   - body: Writes the content to the descriptor of the new file.
  /// - Throws: `Refusal`, with what `body` threw as its cause.
  package static func write(to path: String, _ body: (_ descriptor: Int32) throws -> Void) throws {
    guard !path.isEmpty else { throw Refusal("the path of a file was expected") }
    let target = resolved(path)
    switch kind(of: target) {
    case S_IFDIR: throw Refusal("a file was to be written, but a directory of that name is there")
    case S_IFREG, nil: try replace(target, body)
    default: try writeInPlace(target, body)
    }
  }

  private static func replace(_ target: String, _ body: (Int32) throws -> Void) throws {
    let (descriptor, temporary) = try createBeside(target)
    do {
      defer { close(descriptor) }
      try body(descriptor)
      guard fsync(descriptor) == 0 else { throw SystemError(errno) }
    } catch {
      _ = unlink(temporary)
      throw Refusal("the file cannot be written: \(error)", cause: error)
    }
    guard rename(temporary, target) == 0 else {
      let cause = SystemError(errno)
      _ = unlink(temporary)
      throw Refusal("the file cannot be put in its place: \(cause)", cause: cause)
    }
  }

  /// Made with `O_EXCL` under a random name, so that no two writers ever share one.
  private static func createBeside(_ target: String) throws -> (descriptor: Int32, path: String) {
    let parts = target.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    // Cut, so that a name of the greatest length still has room for the rest.
    let stem = String(decoding: (parts.last ?? "").utf8.prefix(160), as: UTF8.self)
    for _ in 0..<16 {
      let tag = String(UInt64.random(in: .min ... .max), radix: 36)
      let path = "\(parts.count > 1 ? folder + "/" : "").\(stem).\(tag).tmp"
      let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, path) }
      guard errno == EEXIST else { break }
    }
    let cause = SystemError(errno)
    throw Refusal("a file cannot be made in that folder: \(cause)", cause: cause)
  }

  private static func writeInPlace(_ target: String, _ body: (Int32) throws -> Void) throws {
    let descriptor = open(target, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let cause = SystemError(errno)
      throw Refusal("it cannot be written to: \(cause)", cause: cause)
    }
    defer { close(descriptor) }
    do { try body(descriptor) } catch { throw Refusal("it cannot be written to: \(error)", cause: error) }
  }

  /// The path, or what it leads to if it is a link to something.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}
