/// A safetensors file whose whole header is checked when it is opened.
///
/// The format is an 8-byte little-endian length, a JSON header of that length, and the tensors' bytes, which the header
/// must cover without gaps or overlaps (https://github.com/huggingface/safetensors).
///
/// A mapped file must not be changed or cut short while this object or one of its tensors lives: the weights would
/// change under the network, and reading past the new end ends the process (SIGBUS). `memoryMapped: false` copies the
/// file into memory instead.
package final class SafetensorsFile: Sendable {
  /// The entries of `__metadata__`; empty if it is absent.
  package let metadata: [String: String]
  /// All tensors, in the order of their bytes in the file.
  package let tensors: [CheckpointTensor]
  private let indices: [String: Int]

  /// The longest header that is read, as in the format's own library.
  static let maximumHeaderLength = 100_000_000

  /// - Throws: `CheckpointError`: `noSuchFile`, `unreadable`, `malformed`, `unsupported` or `tooLarge`.
  package convenience init(path: String, memoryMapped: Bool = true) throws {
    try self.init(FileBytes(path: path, memoryMapped: memoryMapped))
  }

  package init(_ file: FileBytes) throws {
    let (header, dataStart) = try Self.readHeader(of: file)
    metadata = header.metadata
    let entries = header.entries.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    try Self.checkCoverage(of: file, dataStart: dataStart, entries)
    tensors = try entries.map { entry in
      let name = entry.name.quoted
      guard let type = ElementType(rawValue: entry.dtype) else {
        throw file.error(.unsupported, "holds tensor \(name) of type \(entry.dtype.quoted), which is not known here")
      }
      guard let layout = StridedLayout(contiguous: entry.shape, of: type) else {
        throw file.error(.malformed, "holds tensor \(name) of shape \(entry.shape), larger than any memory")
      }
      guard layout.count * type.byteCount == entry.end - entry.start else {
        throw file.error(
          .malformed,
          "holds tensor \(name) of type \(type.rawValue) and shape \(entry.shape), \(layout.count * type.byteCount) bytes,"
            + " in a place of \(entry.end - entry.start) bytes")
      }
      let region = (dataStart + entry.start)..<(dataStart + entry.end)
      return CheckpointTensor(name: entry.name, elementType: type, layout: layout, source: .region(file, region))
    }
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
  }

  /// The tensor with this name; `nil` if there is none.
  package subscript(name name: String) -> CheckpointTensor? { indices[name].map { tensors[$0] } }

  private static func readHeader(of file: FileBytes) throws -> (SafetensorsHeader, dataStart: Int) {
    try file.withBytes { bytes in
      guard var cursor = ByteCursor(bytes), let length = cursor.next(UInt64.self) else {
        throw file.error(.malformed, "is no safetensors file: it has \(file.count) bytes, fewer than a header's length")
      }
      guard length <= maximumHeaderLength else {
        throw file.error(
          .tooLarge, "is no safetensors file: a header of \(length) bytes is over the limit of \(maximumHeaderLength)")
      }
      guard let header = cursor.next(count: Int(length)) else {
        throw file.error(
          .malformed,
          "is truncated or no safetensors file: a header of \(length) bytes in a file of \(file.count) bytes")
      }
      do {
        return (try SafetensorsHeader(parsing: header), cursor.offset)
      } catch let error as JSONCursor.Failure {
        throw file.error(.malformed, "has a header that is not valid at byte \(error.offset): \(error.problem)")
      }
    }
  }

  /// Checks that the entries, sorted by place, cover the bytes behind the header exactly.
  private static func checkCoverage(
    of file: FileBytes, dataStart: Int, _ entries: [SafetensorsHeader.Entry]
  ) throws {
    var end = 0
    for entry in entries {
      guard entry.end >= entry.start, entry.start == end else {
        throw file.error(
          .malformed,
          "holds tensor \(entry.name.quoted) at bytes \(entry.start) to \(entry.end), where the tensor before it ends at"
            + " byte \(end)")
      }
      end = entry.end
    }
    guard end == file.count - dataStart else {
      throw file.error(
        .malformed, "has \(file.count - dataStart) bytes behind its header, where its tensors take \(end)")
    }
  }
}
