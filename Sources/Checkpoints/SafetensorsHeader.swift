/// The JSON header of a safetensors file. Only the syntax was checked, and that no name is given twice.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    var dtype: String
    var shape: [Int]
    /// Offset of the first byte, counted from the end of the header.
    var start: Int
    /// Offset behind the last byte.
    var end: Int
  }

  private(set) var metadata: [String: String] = [:]
  /// Tensors in the order of the header.
  private(set) var entries: [Entry] = []

  static let metadataKey = "__metadata__"

  /// Parses an object of tensors, each with `dtype`, `shape` and `data_offsets`, and at most one `__metadata__` of
  /// strings; only white space may follow.
  ///
  /// - Throws: `JSONCursor.Failure`.
  init(parsing bytes: UnsafeRawBufferPointer) throws {
    var json = JSONCursor(bytes)
    var names: Set<String> = []
    // The format requires the brace as the ninth byte of the file.
    guard bytes.first == UInt8(ascii: "{") else { throw json.failure("expected an object") }
    try json.object { name, json in
      guard names.insert(name).inserted else { throw json.failure("\(name.quoted) is given twice") }
      if name == Self.metadataKey {
        metadata = try Self.parseMetadata(&json)
      } else {
        entries.append(try Self.parseEntry(name, &json))
      }
    }
    try json.end()
  }

  private static func parseMetadata(_ json: inout JSONCursor) throws -> [String: String] {
    var metadata: [String: String] = [:]
    try json.object { key, json in
      guard metadata.updateValue(try json.string(), forKey: key) == nil else {
        throw json.failure("metadata \(key.quoted) is given twice")
      }
    }
    return metadata
  }

  private static func parseEntry(_ name: String, _ json: inout JSONCursor) throws -> Entry {
    var dtype: String?
    var shape: [Int]?
    var offsets: [Int]?
    try json.object { key, json in
      let isNew: Bool
      switch key {
      case "dtype": isNew = try assign(&dtype, json.string())
      case "shape": isNew = try assign(&shape, json.sizes())
      case "data_offsets": isNew = try assign(&offsets, json.sizes())
      default: throw json.failure("tensor \(name.quoted) has an unknown field \(key.quoted)")
      }
      guard isNew else { throw json.failure("tensor \(name.quoted) has \(key.quoted) twice") }
    }
    guard let dtype, let shape, let offsets else {
      throw json.failure("tensor \(name.quoted) lacks one of dtype, shape and data_offsets")
    }
    guard shape.count <= StridedLayout.maximumRank else {
      throw json.failure("tensor \(name.quoted) has \(shape.count) axes, more than \(StridedLayout.maximumRank)")
    }
    guard offsets.count == 2 else {
      throw json.failure("tensor \(name.quoted) has \(offsets.count) data_offsets where 2 are expected")
    }
    return Entry(name: name, dtype: dtype, shape: shape, start: offsets[0], end: offsets[1])
  }

  /// Sets a value that must not be set yet; `false` if it was.
  private static func assign<Value>(_ target: inout Value?, _ value: Value) -> Bool {
    defer { target = value }
    return target == nil
  }
}
