public import ImageCoding

/// A mask of which each pixel is either inside or outside; one bit a pixel.
public struct BinaryMask: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Axes (row, word); pixel x is bit x % 64 of word x / 64, and bits after the last pixel are 0.
  var words: [UInt64]
  let wordsPerRow: Int

  /// `fill` gets the words, `BinaryMask.wordsPerRow(width)` a row, all 0.
  init(width: Int, height: Int, fill: (UnsafeMutablePointer<UInt64>) -> Void) {
    self.width = width
    self.height = height
    let wordsPerRow = BinaryMask.wordsPerRow(width)
    self.wordsPerRow = wordsPerRow
    words = Array(repeating: 0, count: wordsPerRow * height)
    words.withUnsafeMutableBufferPointer { words in
      if let base = words.baseAddress { fill(base) }
    }
  }

  static func wordsPerRow(_ width: Int) -> Int { (width + 63) / 64 }

  /// Whether a pixel is inside; pixels beyond the edges are outside.
  public subscript(x x: Int, y y: Int) -> Bool {
    guard x >= 0, x < width, y >= 0, y < height else { return false }
    return words[y * wordsPerRow + x / 64] >> UInt64(x % 64) & 1 == 1
  }

  /// Number of pixels inside.
  public var area: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The smallest rectangle that holds all pixels inside; nil where there are none.
  public var box: BoundingBox? {
    var rows: Range<Int>?
    var columns = Array(repeating: UInt64(0), count: wordsPerRow)
    for y in 0..<height {
      var any: UInt64 = 0
      for word in 0..<wordsPerRow {
        any |= words[y * wordsPerRow + word]
        columns[word] |= words[y * wordsPerRow + word]
      }
      if any != 0 { rows = (rows?.lowerBound ?? y)..<y + 1 }
    }
    guard let rows, let first = columns.firstIndex(where: { $0 != 0 }),
      let last = columns.lastIndex(where: { $0 != 0 })
    else { return nil }
    let left = first * 64 + columns[first].trailingZeroBitCount
    let right = last * 64 + 64 - columns[last].leadingZeroBitCount
    return BoundingBox(columns: left..<right, rows: rows)
  }

  /// How many pixels are inside of both; the masks have the same size.
  func sharedArea(with other: BinaryMask) -> Int {
    words.withUnsafeBufferPointer { words in
      other.words.withUnsafeBufferPointer { others in
        var count = 0
        for index in 0..<min(words.count, others.count) where words[index] != 0 {
          count += (words[index] & others[index]).nonzeroBitCount
        }
        return count
      }
    }
  }

  /// 255 for pixels inside and 0 for those outside.
  public func image() throws -> GrayImage {
    try GrayImage(width: width, height: height) { pixels in
      for y in 0..<height {
        for x in 0..<width {
          pixels[y * width + x] = words[y * wordsPerRow + x / 64] >> UInt64(x % 64) & 1 == 1 ? 255 : 0
        }
      }
    }
  }
}

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

extension BinaryMask {
  /// The pixels that are inside of any of two masks.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func union(_ other: BinaryMask) throws -> BinaryMask {
    try combined(with: other) { $0 | $1 }
  }

  /// The pixels that are inside of both masks.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func intersection(_ other: BinaryMask) throws -> BinaryMask {
    try combined(with: other) { $0 & $1 }
  }

  /// The pixels that are inside of this mask and outside of another.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func subtracting(_ other: BinaryMask) throws -> BinaryMask {
    try combined(with: other) { $0 & ~$1 }
  }

  private func combined(
    with other: BinaryMask, _ operation: (UInt64, UInt64) -> UInt64
  ) throws -> BinaryMask {
    guard width == other.width, height == other.height else {
      throw MaskMergingError(
        .sizeMismatch, "a mask of \(width) × \(height) pixels beside one of \(other.width) × \(other.height)")
    }
    return BinaryMask(width: width, height: height) { target in
      for index in words.indices { target[index] = operation(words[index], other.words[index]) }
    }
  }
}
