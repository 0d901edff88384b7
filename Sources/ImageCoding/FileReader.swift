import Files
import Foundation
import Glibc

/// Reads a whole file into memory: copied, not mapped, so that a file that shrinks meanwhile cannot end the process.
enum FileReader {
  /// - Throws: `ImageCodingError`: `notFound`, `notAFile`, `unreadable`, `tooLarge`.
  static func contents(of url: URL, maximumBytes: Int) throws -> [UInt8] {
    let name = url.lastPathComponent
    let descriptor = try open(url, name: name)
    defer { close(descriptor) }
    // Asked of the open file, so that what is checked is what is read.
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw refusal(url, name: name, number: errno) }
    try requireFile(status, name: name)
    let size = Int(status.st_size)
    guard size <= maximumBytes else {
      throw ImageCodingError(
        .tooLarge, "\(name): the file takes \(size) bytes; at most \(maximumBytes) are allowed")
    }
    return try Array(unsafeUninitializedCapacity: size) { buffer, count in
      while count < size, let base = buffer.baseAddress {
        let read = pread(descriptor, base + count, size - count, off_t(count))
        if read == 0 { break }
        if read > 0 { count += read } else if errno != EINTR { throw refusal(url, name: name, number: errno) }
      }
    }
  }

  /// The kind is looked at first: to open a pipe would wait for its writer.
  private static func open(_ url: URL, name: String) throws -> Int32 {
    guard url.isFileURL else {
      throw ImageCodingError(.unreadable, "\(url.absoluteString): the URL of a file was expected")
    }
    return try url.withUnsafeFileSystemRepresentation { path in
      guard let path else { throw refusal(url, name: name, number: EINVAL) }
      var status = stat()
      guard stat(path, &status) == 0 else { throw refusal(url, name: name, number: errno) }
      try requireFile(status, name: name)
      let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      guard descriptor >= 0 else { throw refusal(url, name: name, number: errno) }
      return descriptor
    }
  }

  private static func requireFile(_ status: stat, name: String) throws {
    let found: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: found = "a directory"
    case S_IFIFO: found = "a named pipe"
    case S_IFSOCK: found = "a socket"
    default: found = "a device"
    }
    throw ImageCodingError(.notAFile, "\(name): an image file was expected, found \(found)")
  }

  private static func refusal(_ url: URL, name: String, number: Int32) -> ImageCodingError {
    let cause = SystemError(number)
    switch number {
    case ENOENT, ENOTDIR:
      return ImageCodingError(.notFound, "\(url.path): there is no such file", cause: cause)
    case EACCES, EPERM:
      return ImageCodingError(.unreadable, "\(url.path): permission to read the file is denied", cause: cause)
    default:
      return ImageCodingError(.unreadable, "\(url.path): the file cannot be read: \(cause)", cause: cause)
    }
  }
}
