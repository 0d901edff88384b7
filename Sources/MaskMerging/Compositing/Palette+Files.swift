public import Foundation

extension Palette {
  /// Reads a palette: JSON such as `{"Hair": "#ff0000"}`, or lines such as `Hair,#ff0000`, in UTF-8.
  ///
  /// Text whose first character is `{` is JSON. In lines, empty ones, those that begin with `#`, and a first one
  /// `label,…` say nothing.
  /// - Throws: `invalidText` for what is neither, naming the line, or for a label that comes twice; `invalidColor` for a
  ///   bad color, naming its label.
  public init(text: Data) throws {
    guard text.count <= Self.mostBytes else {
      throw MaskMergingError(.invalidText, "a palette has at most \(Self.mostBytes) bytes, found more")
    }
    guard var string = String(data: text, encoding: .utf8) else {
      throw MaskMergingError(.invalidText, "a palette is text in UTF-8, found \(text.count) bytes that are not")
    }
    if string.hasPrefix("\u{feff}") { string.removeFirst() }
    let entries = string[...].trimmed.hasPrefix("{") ? try Self.json(string) : try Self.lines(string)
    guard !entries.isEmpty else { throw MaskMergingError(.invalidText, "a palette has at least one color") }
    var table: [Label: String] = [:]
    for (label, color) in entries {
      guard table.updateValue(color, forKey: label) == nil else {
        throw MaskMergingError(.invalidText, "the palette has two colors for the label \"\(label)\"")
      }
    }
    try self.init(hex: table)
  }

  /// Reads a palette file; see `init(text:)`.
  ///
  /// - Throws: `invalidText` also where there is no file that can be read.
  public init(contentsOf url: URL) throws {
    let text: Data
    do {
      // A FIFO would wait for its writer.
      guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
        throw MaskMergingError(.invalidText, "the palette \(url.path) is no file")
      }
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      // One byte more than is allowed, so that a file that is too long is seen to be.
      text = try file.read(upToCount: Self.mostBytes + 1) ?? Data()
    } catch let error as MaskMergingError {
      throw error
    } catch {
      throw MaskMergingError(.invalidText, "the palette \(url.path) cannot be read", cause: error)
    }
    try self.init(text: text)
  }

  private static let mostBytes = 1 << 20

  private static func json(_ text: String) throws -> [(Label, String)] {
    do {
      return try JSONDecoder().decode([String: String].self, from: Data(text.utf8)).map { (Label($0.key), $0.value) }
    } catch {
      throw MaskMergingError(
        .invalidText, "a palette in JSON is one object of label and color, such as {\"Hair\": \"#ff0000\"}",
        cause: error)
    }
  }

  private static func lines(_ text: String) throws -> [(Label, String)] {
    var entries: [(Label, String)] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let line = line.trimmed
      guard !line.isEmpty, !line.hasPrefix("#"), !(index == 0 && line.lowercased().hasPrefix("label,")) else {
        continue
      }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
      guard fields.count == 2, !fields[0].isEmpty else {
        throw MaskMergingError(
          .invalidText, "line \(index + 1) of the palette is written label,#rrggbb but is \"\(line.prefix(60))\"")
      }
      entries.append((Label(fields[0]), fields[1]))
    }
    return entries
  }
}
