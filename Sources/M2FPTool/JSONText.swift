import Foundation

/// JSON encoding with sorted keys and unescaped slashes, so that equal values give equal text.
enum JSONText {
  /// Indented text, for files and people.
  static func pretty(_ value: some Encodable) throws -> String {
    String(decoding: try encoder(.prettyPrinted).encode(value), as: UTF8.self)
  }

  /// Text on one line, for scripts and logs that read line by line.
  static func line(_ value: some Encodable) throws -> String {
    String(decoding: try data(value), as: UTF8.self)
  }

  /// UTF-8 of the text on one line.
  static func data(_ value: some Encodable) throws -> Data { try encoder().encode(value) }

  private static func encoder(_ layout: JSONEncoder.OutputFormatting = []) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [layout, .sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
