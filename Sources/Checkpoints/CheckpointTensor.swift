/// A named tensor in a file: name, type and shape, and its bytes on demand.
///
/// Bytes are read when they are asked for, and the file stays open (mapped) as long as one of its tensors lives.
package struct CheckpointTensor: Sendable {
  package let name: String
  package let elementType: ElementType
  /// Sizes of the axes, outermost first; empty for a scalar.
  package let shape: [Int]
  /// Number of elements.
  package let count: Int
  /// Layout of the elements within `source`.
  private let layout: StridedLayout
  private let source: ByteSource

  /// - Precondition: `layout` was checked against the size of `source`.
  init(name: String, elementType: ElementType, layout: StridedLayout, source: ByteSource) {
    self.name = name
    self.elementType = elementType
    shape = layout.shape
    count = layout.count
    self.layout = layout
    self.source = source
  }

  /// The same tensor under another name.
  func renamed(_ name: String) -> CheckpointTensor {
    CheckpointTensor(name: name, elementType: elementType, layout: layout, source: source)
  }

  /// Size of all elements in bytes.
  package var byteCount: Int { count * elementType.byteCount }

  /// Calls `body` with the elements, contiguous, row-major and little-endian, at any alignment. They must not be used
  /// after `body` returns.
  ///
  /// They are a part of the file itself, unless the tensor is strided or compressed there.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    try source.withBytes { bytes in
      let size = elementType.byteCount
      if layout.isContiguous {
        let start = count == 0 ? 0 : layout.offset * size
        return try body(UnsafeRawBufferPointer(rebasing: bytes[start..<start + byteCount]))
      }
      let packed = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
      defer { packed.deallocate() }
      layout.gather(elementsOf: size, from: bytes, into: packed)
      return try body(UnsafeRawBufferPointer(packed))
    }
  }

  /// Tells the system that the elements are not needed any more, so that it may drop the pages of a mapped file.
  package func discardPages() {
    guard case .region(let file, let region) = source, layout.isContiguous, count > 0 else { return }
    let start = region.lowerBound + layout.offset * elementType.byteCount
    file.discardPages(of: start..<start + byteCount)
  }
}

extension CheckpointTensor {
  /// Writes the elements as fp32, row-major; exact for the types that it takes: float32, float16 and bfloat16.
  ///
  /// - Parameter destination: Exactly `count` elements.
  /// - Throws: `CheckpointError` with code `mismatch` for another element type or another count.
  package func copyFloats(into destination: UnsafeMutableBufferPointer<Float>) throws {
    guard destination.count == count else {
      throw CheckpointError(
        .mismatch,
        "Tensor \(name.quoted) has shape \(shape), \(count) elements, where \(destination.count) are expected.")
    }
    let expand: (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Float>) -> Void
    switch elementType {
    case .float32: expand = copyFloat32
    case .float16: expand = expandFloat16
    case .bfloat16: expand = expandBFloat16
    case .float64: expand = roundFloat64
    default:
      throw CheckpointError(
        .mismatch, "Tensor \(name.quoted) is of type \(elementType.rawValue) where F64, F32, F16 or BF16 is expected.")
    }
    try withBytes { expand($0, destination) }
  }

  /// The elements as fp32, row-major; see `copyFloats(into:)`.
  package func floats() throws -> [Float] {
    try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try copyFloats(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }
}

/// The bytes that a tensor is a view of.
enum ByteSource: Sendable {
  /// An uncompressed part of a file.
  case region(FileBytes, Range<Int>)
  /// A compressed part of a file.
  case deflated(DeflatedBytes)

  /// Calls `body` with the bytes, which must not be used after it returns.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    switch self {
    case .region(let file, let range):
      try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .deflated(let deflated): try deflated.withBytes(body)
    }
  }
}
