import Foundation
import Platform

/// Reads a whole file into memory: copied, not mapped, so that a file that shrinks meanwhile cannot end the process.
enum FileReader {
  /// - Throws: `ImageCodingError`: `notFound`, `notAFile`, `unreadable`, `tooLarge`.
  static func contents(of url: URL, maximumBytes: Int) throws -> [UInt8] {
    let name = url.lastPathComponent
    let file = try open(url, name: name)
    let size = file.byteCount
    guard size <= maximumBytes else {
      throw ImageCodingError(
        .tooLarge, "\(name): the file takes \(size) bytes; at most \(maximumBytes) are allowed")
    }
    do { return try file.contents() } catch { throw refusal(url, error) }
  }

  private static func open(_ url: URL, name: String) throws -> InputFile {
    guard url.isFileURL else {
      throw ImageCodingError(.unreadable, "\(url.absoluteString): the URL of a file was expected")
    }
    let path = url.withUnsafeFileSystemRepresentation { $0.map { String(cString: $0) } }
    guard let path else { throw refusal(url, .invalidArgument) }
    do throws(InputFile.Refusal) { return try InputFile(path: path) } catch {
      switch error {
      case .system(let cause): throw refusal(url, cause)
      case .notRegular(let kind):
        throw ImageCodingError(.notAFile, "\(name): an image file was expected, found \(words(kind))")
      }
    }
  }

  private static func words(_ kind: FileKind) -> String {
    switch kind {
    case .folder: "a directory"
    case .fifo: "a named pipe"
    case .socket: "a socket"
    default: "a device"
    }
  }

  private static func refusal(_ url: URL, _ cause: SystemError) -> ImageCodingError {
    switch cause {
    case .noSuchFile, .notDirectory:
      ImageCodingError(.notFound, "\(url.path): there is no such file", cause: cause)
    case .permissionDenied, .notPermitted:
      ImageCodingError(.unreadable, "\(url.path): permission to read the file is denied", cause: cause)
    default:
      ImageCodingError(.unreadable, "\(url.path): the file cannot be read: \(cause)", cause: cause)
    }
  }
}
