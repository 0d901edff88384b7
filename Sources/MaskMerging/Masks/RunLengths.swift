/// A hard mask as COCO writes it: lengths of runs, column after column from the top left, the first of them outside.
public struct RunLengths: Sendable, Hashable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Outside and inside in turn; the first may be 0, and their sum is width · height.
  public let counts: [Int]

  /// The runs of a mask.
  public init(_ mask: BinaryMask) {
    (width, height) = (mask.width, mask.height)
    var counts: [Int] = []
    var (isInside, run) = (false, 0)
    for x in 0..<width {
      let (word, bit) = (x / 64, UInt64(x % 64))
      for y in 0..<height {
        if (mask.words[y * mask.wordsPerRow + word] >> bit & 1 == 1) != isInside {
          counts.append(run)
          (isInside, run) = (!isInside, 0)
        }
        run += 1
      }
    }
    self.counts = counts + [run]
  }

  /// Reads what `compressed` writes, as pycocotools does.
  ///
  /// - Throws: `invalidText` for text that is no run lengths of that size, `sizeMismatch` for a size that no mask has.
  public init(compressed text: String, width: Int, height: Int) throws {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, pixels <= Self.mostPixels else {
      throw MaskMergingError(
        .sizeMismatch, "a mask has 1 to \(Self.mostPixels) pixels, found \(width) × \(height)")
    }
    var counts: [Int] = []
    var (value, shift, total) = (0, 0, 0)
    for byte in text.utf8 {
      let digit = Int(byte) - 48
      guard (0..<64).contains(digit), shift <= 35 else { throw Self.unreadable(text, pixels) }
      value |= (digit & 31) << shift
      shift += 5
      guard digit & 32 == 0 else { continue }
      if digit & 16 != 0 { value |= -1 << shift }
      if counts.count > 2 { value += counts[counts.count - 2] }
      guard value >= 0, value <= pixels - total else { throw Self.unreadable(text, pixels) }
      total += value
      counts.append(value)
      (value, shift) = (0, 0)
    }
    guard shift == 0, total == pixels else { throw Self.unreadable(text, pixels) }
    self.width = width
    self.height = height
    self.counts = counts
  }

  /// A few bytes of text may stand for this many pixels, 32 MB as bits.
  private static let mostPixels = 1 << 28

  private static func unreadable(_ text: String, _ pixels: Int) -> MaskMergingError {
    MaskMergingError(.invalidText, "run lengths of \(pixels) pixels were expected, found \"\(text.prefix(40))\"")
  }

  /// COCO's text for the counts, the same as pycocotools': from the fourth on, each as its difference from the one
  /// before the last; in digits of five bits from the lowest, a sixth bit for "more follow", and 48 added.
  public var compressed: String {
    var text: [UInt8] = []
    for (index, count) in counts.enumerated() {
      var rest = index > 2 ? count - counts[index - 2] : count
      var isLast = false
      while !isLast {
        let digit = rest & 31
        rest >>= 5
        isLast = digit & 16 == 0 ? rest == 0 : rest == -1
        text.append(UInt8(truncatingIfNeeded: (isLast ? digit : digit | 32) + 48))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The mask.
  public var mask: BinaryMask {
    BinaryMask(width: width, height: height) { words in
      let wordsPerRow = BinaryMask.wordsPerRow(width)
      var start = 0
      for (index, count) in counts.enumerated() {
        if index % 2 == 1 {
          for pixel in start..<start + count {
            let (x, y) = (pixel / height, pixel % height)
            words[y * wordsPerRow + x / 64] |= 1 << UInt64(x % 64)
          }
        }
        start += count
      }
    }
  }
}
