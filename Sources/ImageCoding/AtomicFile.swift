public import Foundation
import Glibc

/// Files that appear whole or not at all.
public enum AtomicFile {
  /// Writes a new file beside the target under a name of its own, forces it to the disk, and renames it.
  ///
  /// Where the target is a link, the file that it leads to is replaced. A device or a pipe is written to as it is.
  ///
  /// - Throws: `ImageCodingError` with the code `writeFailed`; no part of the file is left, and a file that was there
  ///   before is untouched.
  public static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { descriptor in try data.withUnsafeBytes { try writeAll($0, to: descriptor) } }
  }

  /// As `write(_:to:)`, with `body` to write to the descriptor of the new file.
  package static func write(to url: URL, _ body: (_ descriptor: Int32) throws -> Void) throws {
    guard url.isFileURL else { throw refusal(url, "the URL of a file was expected") }
    let target = try resolved(url)
    switch kind(of: target) {
    case S_IFDIR: throw refusal(url, "a file was to be written, but a directory of that name is there")
    case S_IFREG, nil: try replace(target, for: url, body)
    default: try writeInPlace(target, for: url, body)
    }
  }

  private static func replace(_ target: String, for url: URL, _ body: (Int32) throws -> Void) throws {
    let (descriptor, temporary) = try createBeside(target, for: url)
    do {
      defer { close(descriptor) }
      try body(descriptor)
      guard fsync(descriptor) == 0 else { throw SystemError(errno) }
    } catch {
      unlink(temporary)
      throw refusal(url, "the file cannot be written: \(error)", cause: error)
    }
    guard rename(temporary, target) == 0 else {
      let cause = SystemError(errno)
      unlink(temporary)
      throw refusal(url, "the file cannot be put in its place: \(cause)", cause: cause)
    }
  }

  /// Made with `O_EXCL` under a random name, so that no two writers ever share one.
  private static func createBeside(_ target: String, for url: URL) throws -> (descriptor: Int32, path: String) {
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
    throw refusal(url, "a file cannot be made in that folder: \(cause)", cause: cause)
  }

  private static func writeInPlace(_ target: String, for url: URL, _ body: (Int32) throws -> Void) throws {
    let descriptor = open(target, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let cause = SystemError(errno)
      throw refusal(url, "it cannot be written to: \(cause)", cause: cause)
    }
    defer { close(descriptor) }
    do { try body(descriptor) } catch { throw refusal(url, "it cannot be written to: \(error)", cause: error) }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw SystemError(errno) }
    }
  }

  /// The path, or what it leads to if it is a link to something.
  private static func resolved(_ url: URL) throws -> String {
    try url.withUnsafeFileSystemRepresentation { path in
      guard let path, path.pointee != 0 else { throw refusal(url, "the path of a file was expected") }
      guard let real = realpath(path, nil) else { return String(cString: path) }
      defer { free(real) }
      return String(cString: real)
    }
  }

  private static func kind(of path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  private static func refusal(_ url: URL, _ reason: String, cause: (any Error)? = nil) -> ImageCodingError {
    ImageCodingError(.writeFailed, "\(url.isFileURL ? url.path : url.absoluteString): \(reason)", cause: cause)
  }
}
