public import Foundation
import Platform

extension Palette {
  /// Reads a palette: JSON such as `{"Hair": "#ff0000"}`, or lines such as `Hair,#ff0000`, in UTF-8.
  ///
  /// Text whose first character is `{` is JSON. In lines, empty ones, those that begin with `#`, and a first one
  /// `label,…` say nothing.
  /// - Throws: `invalidText` for what is neither, naming the line, or for a label that comes twice; `invalidColor` for a
  ///   bad color, naming its label.
  public init(text: Data) throws {
    guard text.count <= Self.mostBytes else { throw Self.tooLong }
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
    try self.init(text: Self.bytes(of: url.path))
  }

  private static func bytes(of path: String) throws(MaskMergingError) -> Data {
    let file: InputFile
    do throws(InputFile.Refusal) { file = try InputFile(path: path) } catch {
      switch error {
      case .notRegular: throw MaskMergingError(.invalidText, "the palette \(path) is not a regular file")
      case .system(let cause): throw unreadable(path, cause)
      }
    }
    guard file.byteCount <= mostBytes else { throw tooLong }
    do throws(SystemError) { return Data(try file.contents()) } catch { throw unreadable(path, error) }
  }

  private static func unreadable(_ path: String, _ cause: SystemError) -> MaskMergingError {
    MaskMergingError(.invalidText, "the palette \(path) cannot be read: \(cause)", cause: cause)
  }

  private static var tooLong: MaskMergingError {
    MaskMergingError(.invalidText, "a palette has at most \(mostBytes) bytes, found more")
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
