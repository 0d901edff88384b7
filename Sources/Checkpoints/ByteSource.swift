/// The bytes that tensors are views of.
enum ByteSource: Sendable {
  /// A part of a file, as it is.
  case region(FileBytes, Range<Int>)
  /// A compressed part of a file.
  case deflated(DeflatedBytes)

  /// Hands out the bytes, which must not be used after `body` returns.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    switch self {
    case .region(let file, let range):
      try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .deflated(let deflated): try deflated.withBytes(body)
    }
  }
}
