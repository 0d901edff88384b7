import Platform

/// Writes safetensors files atomically.
package struct SafetensorsWriter {
  /// A tensor to write: name, type and shape, and a closure that makes its bytes when they are written.
  package struct Entry {
    package let name: String
    package let elementType: ElementType
    package let shape: [Int]
    private let fill: (UnsafeMutableRawBufferPointer) throws -> Void

    /// A tensor whose elements `fill` writes, row-major and little-endian: its buffer holds exactly their bytes, zeros
    /// at first. Called once, while the file is written. A `fill` that ends in a copy needs `copyBytesOutOfLine`.
    package init(
      name: String, elementType: ElementType, shape: [Int],
      fill: @escaping (UnsafeMutableRawBufferPointer) throws -> Void
    ) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.fill = fill
    }

    func fill(_ bytes: UnsafeMutableRawBufferPointer) throws { try fill(bytes) }
  }

  /// Writes a file. Tensors lie in it by size of their elements, the largest first, and in the given order among
  /// equals, so that each starts at a multiple of its element's size; the first starts at a multiple of 64 bytes. The
  /// same input gives the same bytes.
  ///
  /// One tensor at a time is in memory.
  ///
  /// - Parameter check: Called before each tensor; throws to stop.
  /// - Throws: `CheckpointError` with code `notWritten`, or what a `fill` or `check` throws; nothing is left behind then.
  package static func write(
    _ entries: [Entry], metadata: [String: String] = [:], to path: String, check: () throws -> Void = {}
  ) throws {
    func refused(_ problem: String) -> CheckpointError {
      CheckpointError(.notWritten, "\(path) cannot be written: \(problem).")
    }
    var names: Set<String> = [SafetensorsHeader.metadataKey]
    var placed: [(entry: Entry, range: Range<Int>)] = []
    var end = 0
    for entry in entries.sorted(by: { $0.elementType.byteCount > $1.elementType.byteCount }) {
      guard names.insert(entry.name).inserted else { throw refused("the name \(entry.name.quoted) is given twice") }
      guard let count = entry.elementType.byteCount(of: entry.shape), count <= Int.max / 2 - end else {
        throw refused("tensor \(entry.name.quoted) has the shape \(entry.shape), larger than any memory")
      }
      placed.append((entry, end..<end + count))
      end += count
    }
    let header = SafetensorsHeader.encode(
      placed.map { SafetensorsHeader.Entry($0.entry, at: $0.range) }, metadata: metadata)
    guard header.count - 8 <= SafetensorsFile.maximumHeaderLength else {
      throw refused(
        "its header of \(header.count - 8) bytes is over the limit of \(SafetensorsFile.maximumHeaderLength)")
    }
    do {
      try AtomicWriter.write(to: path) { file in
        try header.withUnsafeBytes { try file.write($0) }
        for (entry, range) in placed where !range.isEmpty {
          try check()
          try write(entry, count: range.count, to: file)
        }
      }
    } catch {
      if let cause = error.cause, !(cause is SystemError) { throw cause }
      throw CheckpointError(.notWritten, "\(path) cannot be written: \(error)", cause: error.cause)
    }
  }

  private static func write(_ entry: Entry, count: Int, to file: OutputFile) throws {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    defer { bytes.deallocate() }
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    try entry.fill(bytes)
    try file.write(UnsafeRawBufferPointer(bytes))
  }
}

extension SafetensorsWriter.Entry {
  /// Floats, row-major, stored as float32 or, rounded to nearest even, as float16.
  ///
  /// - Precondition: `floats` holds as many elements as `shape` says, and `type` is `float32` or `float16`.
  package init(name: String, shape: [Int], floats: [Float], as type: ElementType = .float32) {
    self.init(name: name, elementType: type, shape: shape) { bytes in
      try floats.withUnsafeBufferPointer { floats in
        guard type == .float32 || type == .float16, floats.count * type.byteCount == bytes.count else {
          throw CheckpointError(
            .mismatch,
            "Tensor \(name.quoted) of type \(type.rawValue) and shape \(shape) cannot hold \(floats.count) floats.")
        }
        if type == .float32 {
          bytes.copyBytesOutOfLine(from: UnsafeRawBufferPointer(floats))
        } else {
          narrowToFloat16(floats, into: bytes)
        }
      }
    }
  }

  /// The elements of another file's tensor, as they are.
  package init(copying tensor: CheckpointTensor, name: String? = nil) {
    self.init(name: name ?? tensor.name, elementType: tensor.elementType, shape: tensor.shape) { bytes in
      try tensor.withBytes { bytes.copyBytesOutOfLine(from: $0) }
    }
  }
}
