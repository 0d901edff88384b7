/// One entry of a zip archive.
struct ZipEntry: Sendable {
  enum Method: UInt16, Sendable {
    case stored = 0
    case deflated = 8
  }

  let name: String
  let method: Method
  /// CRC-32 of the content according to the directory.
  let checksum: UInt32
  /// Size of the content in bytes according to the directory.
  let size: Int
  /// Range of the content in the file, compressed or not.
  let data: Range<Int>
}

/// The directory of a zip archive, checked when it is opened: every entry lies inside the file, entries do not overlap,
/// and every local header agrees with the directory.
///
/// It supports the part of the format (APPNOTE.TXT 6.3.10) that PyTorch and common tools write: stored and deflated
/// entries, data descriptors, zip64; one volume, no encryption, no comment at the end.
struct ZipArchive: Sendable {
  let file: FileBytes
  /// Entries in the order of the directory.
  let entries: [ZipEntry]
  private let indices: [String: Int]

  /// Limit of the inflated size of all entries: a multiple of the file's size plus an allowance in bytes. Weights
  /// hardly compress; deflate reaches a ratio of 1032 on zeros.
  private static let maximumRatio = 64
  private static let allowance = 1 << 20

  /// - Throws: `CheckpointError`: `malformed`, `unsupported` or `tooLarge`.
  init(_ file: FileBytes) throws {
    self.file = file
    entries = try file.withBytes { bytes in
      let directory = try ZipDirectory(of: bytes, in: file)
      let headers = try directory.readHeaders(of: bytes, in: file)
      return try Self.locate(headers, before: directory.start, in: bytes, of: file)
    }
    var indices: [String: Int] = [:]
    var total = 0
    for (index, entry) in entries.enumerated() {
      guard indices.updateValue(index, forKey: entry.name) == nil else {
        throw file.error(.malformed, "holds the zip entry \(entry.name.quoted) twice")
      }
      let (sum, overflow) = total.addingReportingOverflow(entry.size)
      let limit = file.count.multipliedReportingOverflow(by: Self.maximumRatio)
      guard !overflow, limit.overflow || sum <= limit.partialValue + Self.allowance else {
        throw file.error(
          .tooLarge,
          "is \(file.count) bytes, too few for the \(entry.size) bytes that its zip entry \(entry.name.quoted) claims")
      }
      total = sum
    }
    self.indices = indices
  }

  subscript(name name: String) -> ZipEntry? { indices[name].map { entries[$0] } }

  /// The content of an entry; nothing is inflated yet.
  func content(of entry: ZipEntry) -> ByteSource {
    switch entry.method {
    case .stored: .region(file, entry.data)
    case .deflated: .deflated(DeflatedBytes(entry, of: file))
    }
  }

  /// Finds the content of every entry, and checks that its local header agrees with the directory.
  private static func locate(
    _ headers: [ZipDirectory.Header], before limit: Int, in bytes: UnsafeRawBufferPointer, of file: FileBytes
  ) throws -> [ZipEntry] {
    var extents: [Range<Int>] = []
    let entries = try headers.map { header in
      guard let method = ZipEntry.Method(rawValue: header.fields.method) else {
        throw file.error(
          .unsupported, "holds \(header.name.quoted), packed by method \(header.fields.method), not stored or deflated")
      }
      guard method == .deflated || header.compressedSize == header.size else {
        throw file.error(.malformed, "holds \(header.name.quoted), stored, whose two sizes differ")
      }
      guard let local = ZipLocalEntry(of: header, in: bytes), local.extent.upperBound <= limit else {
        throw file.error(.malformed, "holds \(header.name.quoted), which is not where, or as, the zip directory says")
      }
      extents.append(local.extent)
      return ZipEntry(
        name: header.name, method: method, checksum: header.fields.checksum, size: header.size, data: local.data)
    }
    extents.sort { $0.lowerBound < $1.lowerBound }
    for (first, second) in zip(extents, extents.dropFirst()) where first.upperBound > second.lowerBound {
      throw file.error(.malformed, "holds zip entries that overlap at byte \(second.lowerBound)")
    }
    return entries
  }
}
