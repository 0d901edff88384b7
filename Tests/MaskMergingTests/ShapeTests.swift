import MaskMerging
import TestSupport
import Testing

/// What is found out of a hard mask's shape: outlines, connected areas, limbs.
@Suite(.timeLimit(.minutes(10))) struct ShapeTests {
  private func random(_ width: Int, _ height: Int, share: Double) throws -> BinaryMask {
    var generator = SeededGenerator(width * height)
    return try Mask(
      width: width, height: height,
      probabilities: generator.bools(width * height, probability: share).map { $0 ? 1 : 0 }
    ).hard()
  }

  // MARK: Outlines

  /// Crossings of outlines to the left of a pixel's middle: odd inside.
  private func isInside(_ polygons: [Polygon], _ x: Int, _ y: Int) -> Bool {
    var crossings = 0
    for polygon in polygons {
      for (index, corner) in polygon.corners.enumerated() {
        let next = polygon.corners[(index + 1) % polygon.corners.count]
        if corner.x == next.x, corner.x <= x, min(corner.y, next.y) <= y, y < max(corner.y, next.y) { crossings += 1 }
      }
    }
    return crossings % 2 == 1
  }

  @Test(arguments: [(1, 1), (9, 1), (1, 9), (65, 3), (20, 21), (67, 40)], [0.1, 0.5, 0.9])
  func outlinesFilledAreTheMask(size: (Int, Int), share: Double) throws {
    let mask = try random(size.0, size.1, share: share)
    let polygons = mask.polygons()
    for y in 0..<mask.height {
      for x in 0..<mask.width { #expect(isInside(polygons, x, y) == mask[x: x, y: y]) }
    }
    for polygon in polygons { #expect(polygon.corners.count >= 4 && polygon.corners.count % 2 == 0) }
  }

  @Test func aRingHasAHole() throws {
    let polygons = try drawn("####", "#..#", "####").hard().polygons()
    #expect(polygons.map(\.isHole) == [false, true])
    #expect(polygons.first?.coordinates == [4, 0, 4, 3, 0, 3, 0, 0])
    #expect(
      polygons.last.map { Set($0.corners) } == [
        .init(x: 1, y: 1), .init(x: 3, y: 1), .init(x: 1, y: 2), .init(x: 3, y: 2),
      ])
    #expect(try drawn("...").hard().polygons().isEmpty)
    #expect(try drawn("#.", ".#").hard().polygons().count == 2)
  }

  // MARK: Connected areas

  private static let blots = ["##...#", "#..#..", "..#...", "......", "###.#.", "#.#...", "###..."]

  @Test(
    arguments: [
      (1, ["##...#", "#..#..", "..#...", "......", "###.#.", "#.#...", "###..."]),
      (2, ["##....", "#..#..", "..#...", "......", "###...", "#.#...", "###..."]),
      (3, ["##....", "#.....", "......", "......", "###...", "#.#...", "###..."]),
      (9, ["......", "......", "......", "......", "......", "......", "......"]),
    ])
  func specksGo(area: Int, left: [String]) throws {
    #expect(drawing(of: try drawn(Self.blots).hard().removingSpecks(smallerThan: area)) == left)
  }

  @Test func holesAreFilled() throws {
    let mask = try drawn("#####", "#.#.#", "##..#", "###.#", "##.##").hard()
    #expect(drawing(of: mask.fillingHoles(smallerThan: 2)) == ["#####", "###.#", "##..#", "###.#", "##.##"])
    #expect(drawing(of: mask.fillingHoles(smallerThan: 5)) == ["#####", "#####", "#####", "#####", "##.##"])
  }

  @Test func theLargestAreaStays() throws {
    let mask = try drawn(Self.blots).hard().largestComponent()
    #expect(drawing(of: mask) == ["......", "......", "......", "......", "###...", "#.#...", "###..."])
    #expect(try drawn("...").hard().largestComponent().area == 0)
  }

  @Test(arguments: [(1, 1), (64, 9), (65, 33), (130, 70)], [0.2, 0.4, 0.6])
  func areasAreThoseOfAFlood(size: (Int, Int), share: Double) throws {
    let mask = try random(size.0, size.1, share: share)
    #expect(drawing(of: mask.removingSpecks(smallerThan: 5)) == flooded(mask, smallerThan: 5))
  }

  /// A hole across the 64th column, and a bay at the right edge.
  @Test(arguments: [127, 128, 130])
  func holesOfWideMasksAreFilled(width: Int) throws {
    let solid = String(repeating: "#", count: width)
    let bay = String(repeating: "#", count: width - 3) + "..."
    let holed = String(bay.enumerated().map { (60..<70).contains($0.offset) ? "." : $0.element })
    let mask = try drawn([solid, holed, solid]).hard()
    #expect(drawing(of: mask.fillingHoles(smallerThan: 11)) == [solid, bay, solid])
    #expect(drawing(of: mask.fillingHoles(smallerThan: 10)) == [solid, holed, solid])
  }

  /// Specks removed by flooding each.
  private func flooded(_ mask: BinaryMask, smallerThan area: Int) -> [String] {
    var seen: Set<[Int]> = []
    var rows = Array(repeating: Array(repeating: Character("."), count: mask.width), count: mask.height)
    for y in 0..<mask.height {
      for x in 0..<mask.width where mask[x: x, y: y] && !seen.contains([x, y]) {
        var (blot, open) = ([[Int]](), [[x, y]])
        seen.insert([x, y])
        while let place = open.popLast() {
          blot.append(place)
          for dy in -1...1 {
            for dx in -1...1 {
              let next = [place[0] + dx, place[1] + dy]
              if mask[x: next[0], y: next[1]], seen.insert(next).inserted { open.append(next) }
            }
          }
        }
        if blot.count >= area { for place in blot { rows[place[1]][place[0]] = "#" } }
      }
    }
    return rows.map { String($0) }
  }

  @Test func aCleanedMaskIsCleanInItsProbabilitiesToo() throws {
    let mask = try drawn("###..", "#.#..", "###.#")
    let clean = mask.cleaned(MaskCleaning(smallestSpeck: 2, smallestHole: 2))
    #expect(drawing(of: clean.hard()) == ["###..", "###..", "###.."])
    #expect(try clean.alpha8() == clean.hard().image())
    #expect(clean.area == 9 && clean.box == BoundingBox(x: 0, y: 0, width: 3, height: 3))
    #expect(mask.cleaned(MaskCleaning(largestOnly: true)).area == 8)
    #expect(mask.cleaned(MaskCleaning()).hard() == mask.hard())
    #expect(MaskCleaning.usual(width: .max, height: 2).smallestHole == 16)
  }

  // MARK: Limbs

  @Test(
    arguments: [
      (["#####"], (2.5, 0.5), (1, 0), 4, 0, 1),
      (["#", "#", "#"], (0.5, 1.5), (0, 1), 2, 0, 1),
      (["#..", ".#.", "..#"], (1.5, 1.5), (0.70710678, 0.70710678), 2.82842712, 0, 1),
      (["..#", ".#.", "#.."], (1.5, 1.5), (-0.70710678, 0.70710678), 2.82842712, 0, 1),
      (["##", "##"], (1, 1), (0, 1), 1, 1, 0),
      (["#"], (0.5, 0.5), (0, 1), 0, 0, 0),
    ] as [([String], (Double, Double), (Double, Double), Double, Double, Double)])
  func limbs(
    rows: [String], centroid: (Double, Double), axis: (Double, Double), length: Double, breadth: Double,
    elongation: Double
  ) throws {
    let limb = try #require(LimbHint(drawn(rows).hard()))
    let start = (centroid.0 - axis.0 * length / 2, centroid.1 - axis.1 * length / 2)
    let end = (centroid.0 + axis.0 * length / 2, centroid.1 + axis.1 * length / 2)
    expectClose(
      [
        limb.centroid.x, limb.centroid.y, limb.axis.x, limb.axis.y, limb.length, limb.breadth, limb.elongation,
        limb.start.x, limb.start.y, limb.end.x, limb.end.y,
      ].map { Float($0) },
      [
        centroid.0, centroid.1, axis.0, axis.1, length, breadth, elongation, start.0, start.1, end.0, end.1,
      ].map { Float($0) })
    #expect(limb.area == rows.joined().count { $0 == "#" })
  }

  @Test func nothingHasNoLimb() throws { #expect(try LimbHint(drawn("..").hard()) == nil) }
}
