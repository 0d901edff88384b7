/// Calls `body` with the positions of every run of bits that have a value, 64 bits at a time.
///
/// - Parameters:
///   - words: Bit x is bit x % 64 of word x / 64.
///   - count: Bits that count; those after them are 0.
func forEachRun(
  of words: ArraySlice<UInt64>, count: Int, where value: Bool = true, _ body: (Range<Int>) -> Void
) {
  var start: Int?
  for (index, word) in words.enumerated() {
    let bits = value ? word : ~word
    var position = 0
    while true {
      // Where the run ends, or the next one begins.
      let rest = (start == nil ? bits : ~bits) >> UInt64(truncatingIfNeeded: position)
      guard rest != 0 else { break }
      position += rest.trailingZeroBitCount
      let place = index * 64 + position
      if let first = start {
        body(first..<place)
        start = nil
      } else {
        start = place
      }
    }
  }
  if let start, start < count { body(start..<count) }
}
