import Platform

/// Numbered frames in a folder.
package enum FrameFolder {
  /// Largest number of digits that are read as a frame number.
  private static let mostDigits = 15

  /// The frames that a pattern names, ascending, each with its digits as the file spells them.
  ///
  /// A link counts as what it leads to: frames are often links into a render's folder.
  /// - Throws: ``FrameSequenceError``: `notFound` for a folder that cannot be read or holds no such frame, `ambiguous`
  ///   for two files with one number.
  package static func frames(of pattern: FramePattern) throws(FrameSequenceError) -> [FoundFrame] {
    var found: [FoundFrame] = []
    for name in try names(in: pattern.folder) {
      guard let digits = pattern.digits(in: name), let number = number(digits) else { continue }
      let path = join(pattern.folder, name)
      if (try? FileSystem.kind(of: path)) == .regular {
        found.append(FoundFrame(number: number, digits: String(digits), path: path))
      }
    }
    found.sort { $0.number < $1.number }
    for (frame, next) in zip(found, found.dropFirst()) where frame.number == next.number {
      throw FrameSequenceError(
        .ambiguous, "expected one file for frame \(frame.number), found \(frame.path) and \(next.path)")
    }
    if found.isEmpty {
      throw FrameSequenceError(.notFound, "\(pattern.path): expected numbered frames, found none")
    }
    return found
  }

  /// The pattern of the only sequence in a folder: of each name, the last group of digits is the number.
  ///
  /// - Parameter extensions: Extensions of frames in lower case; other files are ignored, and hidden ones too.
  /// - Throws: ``FrameSequenceError``: `notFound` where there is no sequence, `ambiguous` with a list where there are
  ///   several.
  package static func pattern(
    in folder: String, extensions: Set<String>
  ) throws(FrameSequenceError) -> FramePattern {
    var paddings: [FramePattern: [Int]] = [:]
    for name in try names(in: folder) where !name.hasPrefix(".") && hasExtension(name, among: extensions) {
      guard let split = split(name), (try? FileSystem.kind(of: join(folder, name))) == .regular else { continue }
      let key = FramePattern(folder: folder, prefix: split.prefix, padding: 0, suffix: split.suffix)
      paddings[key, default: []].append(split.digits)
    }
    guard paddings.count <= 1 else {
      let names = paddings.map { "\(patternOf($0.key, $0.value).name) (\($0.value.count))" }.sorted()
      throw FrameSequenceError(
        .ambiguous, "\(folder): expected one sequence, found \(names.joined(separator: ", ")); name one of them")
    }
    guard let (key, digits) = paddings.first else {
      let kinds = extensions.sorted().joined(separator: ", ")
      throw FrameSequenceError(.notFound, "\(folder): expected numbered frames (\(kinds)), found none")
    }
    return patternOf(key, digits)
  }

  /// The pattern of the sequence that a frame belongs to; `nil` for a name without digits before its extension.
  package static func pattern(ofFrame path: String) -> FramePattern? {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = String(slash.map { path[path.utf8.index(after: $0)...] } ?? path[...])
    guard let split = split(name) else { return nil }
    let key = FramePattern(folder: folder, prefix: split.prefix, padding: 0, suffix: split.suffix)
    let names = (try? FileSystem.contents(of: folder)) ?? []
    let digits = names.compactMap { name -> Int? in
      guard let other = self.split(name),
        FramePattern(folder: folder, prefix: other.prefix, padding: 0, suffix: other.suffix) == key
      else { return nil }
      return other.digits
    }
    return patternOf(key, digits + [split.digits])
  }

  /// The fewest digits of any frame are the least that all have.
  private static func patternOf(_ key: FramePattern, _ digits: [Int]) -> FramePattern {
    var pattern = key
    pattern.padding = digits.min() ?? 1
    return pattern
  }

  /// A name around its last group of digits before the extension. A minus sign belongs to the number where a dot, an
  /// underscore or nothing is before it, so that `take-3.png` is frame 3.
  private static func split(_ name: String) -> (prefix: String, digits: Int, suffix: String)? {
    let dot = name.lastIndex(of: ".") ?? name.endIndex
    guard let last = name[..<dot].lastIndex(where: \.isDigit) else { return nil }
    let end = name.index(after: last)
    var start = last
    while start > name.startIndex, name[name.index(before: start)].isDigit { start = name.index(before: start) }
    if start > name.startIndex, name[name.index(before: start)] == "-" {
      let minus = name.index(before: start)
      if minus == name.startIndex || "._".contains(name[name.index(before: minus)]) { start = minus }
    }
    let digits = name.distance(from: start, to: end)
    guard digits <= mostDigits else { return nil }
    return (String(name[..<start]), digits, String(name[end...]))
  }

  private static func number(_ digits: Substring) -> Int? { digits.count <= mostDigits ? Int(digits) : nil }

  private static func hasExtension(_ name: String, among extensions: Set<String>) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return extensions.contains(name[name.index(after: dot)...].lowercased())
  }

  private static func names(in folder: String) throws(FrameSequenceError) -> [String] {
    do throws(SystemError) { return try FileSystem.contents(of: folder) } catch {
      throw FrameSequenceError(.notFound, "\(folder): expected a folder of frames: \(error)")
    }
  }

  private static func join(_ folder: String, _ name: String) -> String {
    folder == "." ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }
}

/// A file of a sequence.
package struct FoundFrame: Sendable, Hashable {
  package var number: Int
  /// Its number as the file spells it, such as `0997`.
  package var digits: String
  package var path: String

  package init(number: Int, digits: String, path: String) {
    self.number = number
    self.digits = digits
    self.path = path
  }
}
