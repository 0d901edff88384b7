extension SafetensorsHeader {
  /// The length and the JSON of a header, padded with spaces to a multiple of 64 bytes in all.
  ///
  /// Metadata is sorted by key, so that equal headers have equal bytes.
  static func encode(_ entries: [Entry], metadata: [String: String]) -> [UInt8] {
    var json = "{"
    if !metadata.isEmpty {
      let members = metadata.sorted { $0.key < $1.key }.map { "\(encode($0.key)):\(encode($0.value))" }
      json += "\(encode(metadataKey)):{\(members.joined(separator: ","))}"
    }
    for entry in entries {
      if json.utf8.count > 1 { json += "," }
      let shape = entry.shape.map(String.init).joined(separator: ",")
      json += "\(encode(entry.name)):{\"dtype\":\(encode(entry.dtype)),\"shape\":[\(shape)],"
      json += "\"data_offsets\":[\(entry.start),\(entry.end)]}"
    }
    json += "}"
    let length = (json.utf8.count + 8 + 63) / 64 * 64 - 8
    var bytes = withUnsafeBytes(of: UInt64(length).littleEndian) { Array($0) }
    bytes.append(contentsOf: json.utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: length + 8 - bytes.count))
    return bytes
  }

  private static func encode(_ string: String) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}

extension SafetensorsHeader.Entry {
  init(_ entry: SafetensorsWriter.Entry, at range: Range<Int>) {
    self.init(
      name: entry.name, dtype: entry.elementType.rawValue, shape: entry.shape, start: range.lowerBound,
      end: range.upperBound)
  }
}
