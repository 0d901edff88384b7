/// A list of frame numbers such as `1001-1100x2,1200,-5-10`: numbers, and ranges with an optional step.
package struct FrameRange: Sendable, Hashable, CustomStringConvertible {
  /// Frame numbers, ascending, each once.
  package let numbers: [Int]

  /// Most numbers in a list: a day and a half of film.
  package static let mostNumbers = 4_000_000

  package init(_ numbers: some Sequence<Int>) { self.numbers = Set(numbers).sorted() }

  /// - Throws: ``FrameSequenceError`` (`invalidText`) that quotes what cannot be read.
  package init(_ text: String) throws(FrameSequenceError) {
    var found: Set<Int> = []
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let range = try Self.range(Self.trimmed(item))
      let count = (range.last - range.first) / range.step + 1
      guard found.count + count <= Self.mostNumbers else {
        throw FrameSequenceError(
          .invalidText, "\(text): expected at most \(Self.mostNumbers) frames, found more")
      }
      found.formUnion(stride(from: range.first, through: range.last, by: range.step))
    }
    numbers = found.sorted()
  }

  /// Frame numbers as ranges with a step; ascending.
  package var ranges: [(first: Int, last: Int, step: Int)] {
    var ranges: [(first: Int, last: Int, step: Int)] = []
    var index = 0
    while index < numbers.count {
      var end = index
      let step = index + 1 < numbers.count ? numbers[index + 1] - numbers[index] : 1
      while end + 1 < numbers.count, numbers[end + 1] - numbers[end] == step { end += 1 }
      // Two numbers are a range only if nothing lies between them.
      if end == index || (end == index + 1 && step > 1) {
        ranges.append((numbers[index], numbers[index], 1))
        index += 1
      } else {
        ranges.append((numbers[index], numbers[end], step))
        index = end + 1
      }
    }
    return ranges
  }

  /// Frame numbers as ranges, such as `1001-1100x2,1200`.
  package var description: String {
    ranges.map { range in
      guard range.first < range.last else { return "\(range.first)" }
      return "\(range.first)-\(range.last)" + (range.step > 1 ? "x\(range.step)" : "")
    }.joined(separator: ",")
  }

  private static func range(_ text: Substring) throws(FrameSequenceError) -> (first: Int, last: Int, step: Int) {
    func refusal(_ expected: String) -> FrameSequenceError {
      FrameSequenceError(.invalidText, "\"\(text)\": expected \(expected)")
    }
    let form = "a frame number such as 1001, or a range such as 1001-1100 or 1001-1100x2"
    var rest = text
    guard let first = number(&rest) else { throw refusal(form) }
    if rest.isEmpty { return (first, first, 1) }
    guard rest.popFirst() == "-", let last = number(&rest) else { throw refusal(form) }
    guard first <= last else { throw refusal("a range from the lower number to the higher") }
    if rest.isEmpty { return (first, last, 1) }
    guard rest.popFirst() == "x", let step = number(&rest), rest.isEmpty else { throw refusal(form) }
    guard step > 0 else { throw refusal("a step of 1 or more") }
    return (first, last, step)
  }

  /// Largest magnitude of a frame number, far from where sums of two would overflow.
  private static let mostDigits = 15

  /// Takes a number with its sign from the start of the text.
  private static func number(_ text: inout Substring) -> Int? {
    let sign = text.first == "-" ? text.prefix(1) : ""
    let digits = text.dropFirst(sign.count).prefix(while: \.isDigit)
    guard digits.count <= mostDigits, let number = Int(sign + digits) else { return nil }
    text = text.dropFirst(sign.count + digits.count)
    return number
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
