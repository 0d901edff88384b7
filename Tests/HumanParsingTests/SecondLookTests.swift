import HumanParsing
import ImageCoding
import MaskMerging
import Testing

/// The second look at small people.
@Suite(.timeLimit(.minutes(10))) struct SecondLookTests {
  private let small = ParsingScene(
    queries: [.init(category: 4, rows: ["..........", "...##.....", ".........."])], scale: 20)
  private let closer = ParsingScene(queries: [
    .init(category: 4, rows: ["..######..", "..######..", "..######.."]),
    .init(category: 1, rows: ["..######..", "..........", ".........."]),
  ])

  /// Parses `small`, and looks again at its people as a network that sees 50 pixels of the longer edge.
  private func look(leastGain: Double, _ parse: (RGBImage) throws -> Parsing) throws -> Parsing {
    let look = SecondLook(after: try small.parsing(), of: try small.photo(), leastGain: leastGain) { height, width in
      (50 * height / max(height, width), 50 * width / max(height, width))
    }
    return try look.parsing(parse)
  }

  @Test func whoIsLargeEnoughIsSeenOnce() throws {
    let parsing = try look(leastGain: 5) { _ in
      Issue.record("a crop that shows the network only four times as much")
      return try closer.parsing()
    }
    #expect(try parsing.people.map(\.area) == small.parsing().people.map(\.area))
  }

  @Test func whoIsNotFoundAgainStays() throws {
    let parsing = try look(leastGain: 2) { try ParsingScene.empty.parsing(size: ($0.width, $0.height)) }
    #expect(try parsing.people.map(\.box) == small.parsing().people.map(\.box))
    #expect(try parsing.labelMap == small.parsing().labelMap)
  }

  @Test(arguments: [0, 1, 63, 64, 100]) func aPlacedMaskIsThatOfTheCrop(x: Int) throws {
    let crop = try Mask(
      width: 70, height: 3, probabilities: (0..<210).map { Float(($0 * 37) % 101) / 100 })
    let placed = crop.placed(x: x, y: 2, width: 200, height: 10)
    let (own, inside) = (try crop.alpha8(), crop.hard())
    let (all, pixels) = (try placed.alpha8(), placed.hard())
    for row in 0..<10 {
      for column in 0..<200 {
        let isIn = (x..<x + 70).contains(column) && (2..<5).contains(row)
        #expect(all.pixels[row * 200 + column] == (isIn ? own.pixels[(row - 2) * 70 + column - x] : 0))
        #expect(pixels[x: column, y: row] == (isIn && inside[x: column - x, y: row - 2]))
      }
    }
  }
}
