import Files
public import Foundation

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
    let path = url.isFileURL ? url.withUnsafeFileSystemRepresentation { $0.map { String(cString: $0) } } : nil
    guard let path else { throw refusal(url, "the path of a file was expected") }
    do { try WholeFile.write(to: path, body) } catch let error as WholeFile.Refusal {
      throw refusal(url, error.description, cause: error.cause)
    }
  }

  private static func refusal(_ url: URL, _ reason: String, cause: (any Error)? = nil) -> ImageCodingError {
    ImageCodingError(.writeFailed, "\(url.isFileURL ? url.path : url.absoluteString): \(reason)", cause: cause)
  }
}
