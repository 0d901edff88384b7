import ImageCoding
import MaskMerging
import TestSupport
import Testing

/// A mask that is drawn: `#` inside, `.` outside, one string a row.
func drawn(_ rows: String...) throws -> Mask { try drawn(rows) }

func drawn(_ rows: [String]) throws -> Mask {
  try Mask(
    width: rows.first?.count ?? 0, height: rows.count, probabilities: rows.joined().map { $0 == "#" ? 1 : 0 })
}

/// The drawing of a hard mask.
func drawing(of mask: BinaryMask) -> [String] {
  (0..<mask.height).map { y in String((0..<mask.width).map { x in mask[x: x, y: y] ? "#" : "." }) }
}

/// Random probabilities, axes (height, width).
func randomProbabilities(_ width: Int, _ height: Int, seed: Int) -> [Float] {
  var generator = SeededGenerator(seed)
  return generator.floats(width * height, in: 0...1)
}

/// Expects `body` to throw a `MaskMergingError` with a code and words in its message.
func expectError(
  _ code: MaskMergingError.Code, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("nothing was thrown, expected \(code)", sourceLocation: sourceLocation)
  } catch let error as MaskMergingError {
    #expect(error.code == code, sourceLocation: sourceLocation)
    for word in words {
      #expect(error.message.contains(word), "\(error.message)", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
  }
}
