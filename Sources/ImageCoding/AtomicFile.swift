public import Foundation
package import Platform

/// Files that appear whole or not at all.
public enum AtomicFile {
  /// Writes a new file beside the target under a name of its own, forces it to the disk, and renames it.
  ///
  /// Where the target is a link, the file that it leads to is replaced. A device or a pipe is written to as it is.
  ///
  /// - Throws: `ImageCodingError` with the code `writeFailed`; no part of the file is left, and a file that was there
  ///   before is untouched.
  public static func write(_ data: Data, to url: URL) throws {
    try write(to: url) { file in try data.withUnsafeBytes { try file.write($0) } }
  }

  /// As `write(_:to:)`, with `body` to write the content.
  package static func write(to url: URL, _ body: (OutputFile) throws -> Void) throws {
    let path = url.isFileURL ? url.withUnsafeFileSystemRepresentation { $0.map { String(cString: $0) } } : nil
    guard let path else { throw refusal(url, "the path of a file was expected") }
    do { try AtomicWriter.write(to: path, body) } catch {
      throw refusal(url, error.description, cause: error.cause)
    }
  }

  private static func refusal(_ url: URL, _ reason: String, cause: (any Error)? = nil) -> ImageCodingError {
    ImageCodingError(.writeFailed, "\(url.isFileURL ? url.path : url.absoluteString): \(reason)", cause: cause)
  }
}
