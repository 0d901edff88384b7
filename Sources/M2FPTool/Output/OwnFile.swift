import EXRFiles
package import Foundation
import Platform

/// The mark by which the program knows its own results from the files of others: a text chunk in PNG files, an attribute in
/// OpenEXR files, the member
/// `generator` or `contributor` in JSON files.
package enum OwnFile {
  /// tEXt: "Software", zero, "m2fp"; with its length before and its checksum behind it (PNG specification, 11.3.3.3).
  private static let chunk: [UInt8] =
    [0, 0, 0, 13] + Array("tEXtSoftware\0m2fp".utf8) + [0xB7, 0xAE, 0x04, 0xB6]

  /// The mark of OpenEXR files.
  static let attribute = EXRAttribute("software", "m2fp \(Version.current)")

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// Bytes of an OpenEXR file in which the mark is.
  private static let headerBytesOfEXR = 1 << 20
  /// Bytes of the signature and the header chunk, behind which the mark stands.
  private static let headerBytes = 33

  /// A PNG file with the mark; other bytes as they are.
  package static func marked(_ file: Data) -> Data {
    guard file.count > headerBytes, file.starts(with: signature) else { return file }
    return file.prefix(headerBytes) + chunk + file.dropFirst(headerBytes)
  }

  /// Whether a file is there that bears the mark.
  package static func isOwn(_ path: String) -> Bool { contents(path).map(isOwn) ?? false }

  /// Throws for a file that is there, has contents, and does not bear the mark; and for a FIFO or a socket, which others
  /// wait at.
  package static func checkReplacing(_ path: String) throws(Failure) {
    let kind = try? FileSystem.kind(of: path)
    if kind == .fifo || kind == .socket {
      throw Failure(.inputOutput, "\(path): expected a file to replace, found \(kind == .fifo ? "a FIFO" : "a socket")")
    }
    if let found = contents(path), !found.isEmpty, !isOwn(found) {
      throw Failure(
        .inputOutput, "\(path): this file was not written by m2fp; --overwrite replaces it, -o DIR leaves it alone")
    }
  }

  /// Enough of a file to look for the mark; nil where there is no file.
  private static func contents(_ path: String) -> [UInt8]? {
    do {
      let file = try InputFile(path: path)
      var head = [UInt8](repeating: 0, count: min(headerBytes + chunk.count, file.byteCount))
      let count = try head.withUnsafeMutableBytes { try file.read(into: $0) }
      if head.starts(with: EXRHeader.magic) {
        head = [UInt8](repeating: 0, count: min(headerBytesOfEXR, file.byteCount))
        let count = try head.withUnsafeMutableBytes { try file.read(into: $0) }
        return Array(head[..<count])
      }
      if count < signature.count || head.starts(with: signature) { return Array(head[..<count]) }
      return try file.contents()
    } catch {
      return nil
    }
  }

  private static func isOwn(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: signature) { return bytes.dropFirst(headerBytes).starts(with: chunk) }
    if bytes.starts(with: EXRHeader.magic) {
      // The attribute with its type; its size is before its value.
      let mark = Data("software\0string\0".utf8)
      guard let place = Data(bytes).range(of: mark) else { return false }
      return bytes.dropFirst(place.upperBound + 4).starts(with: "m2fp".utf8)
    }
    let text = Data(bytes)
    func holds(_ words: String) -> Bool { text.range(of: Data(words.utf8)) != nil }
    guard let first = bytes.first else { return false }
    switch first {
    case UInt8(ascii: "{"):
      return holds("\"generator\" : \"m2fp") || holds("\"contributor\":\"m2fp")
        // Versions that wrote no mark.
        || holds("\"timings_ms\"") && holds("\"weights\"")
    // Joints are a list: one of limbs, or of nothing.
    case UInt8(ascii: "["): return holds("\"limb\"") || bytes.allSatisfy { "[] \n".utf8.contains($0) }
    default: return false
    }
  }
}
