/// Settings of the cleaning of a mask.
public struct MaskCleaning: Sendable, Hashable {
  /// Connected areas of fewer pixels are removed; 0 for none.
  public var smallestSpeck: Int
  /// Holes of fewer pixels are filled; 0 for none.
  public var smallestHole: Int
  /// Whether only the largest connected area is kept.
  public var largestOnly: Bool

  /// A cleaning that mends what is named, and nothing else.
  public init(smallestSpeck: Int = 0, smallestHole: Int = 0, largestOnly: Bool = false) {
    self.smallestSpeck = smallestSpeck
    self.smallestHole = smallestHole
    self.largestOnly = largestOnly
  }

  /// Areas and holes below 1/10,000 of the picture, at least 16 pixels.
  public static func usual(width: Int, height: Int) -> MaskCleaning {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let area = overflow ? 16 : max(pixels / 10_000, 16)
    return MaskCleaning(smallestSpeck: area, smallestHole: area)
  }
}

extension BinaryMask {
  /// The mask after cleaning: holes first, then specks, then the largest area.
  public func cleaned(_ cleaning: MaskCleaning) -> BinaryMask {
    var mask = self
    if cleaning.smallestHole > 1 { mask = mask.fillingHoles(smallerThan: cleaning.smallestHole) }
    if cleaning.smallestSpeck > 1 { mask = mask.removingSpecks(smallerThan: cleaning.smallestSpeck) }
    return cleaning.largestOnly ? mask.largestComponent() : mask
  }
}

extension Mask {
  /// The mask after cleaning: `hard()` is cleaned, probabilities are 1 in holes that were filled and 0 in areas that
  /// were removed with one pixel around them.
  ///
  /// It is computed at once, at full size; a mask in which nothing is mended is returned as it is.
  public func cleaned(_ cleaning: MaskCleaning) -> Mask {
    let before = hard()
    let after = before.cleaned(cleaning)
    guard before != after else { return self }
    let plane = probabilities()
    before.forEachPixel { x, y in
      guard !after[x: x, y: y] else { return }
      for row in max(y - 1, 0)...min(y + 1, height - 1) {
        for column in max(x - 1, 0)...min(x + 1, width - 1) where !after[x: column, y: row] {
          plane.pointer[row * width + column] = 0
        }
      }
    }
    after.forEachPixel { x, y in
      if !before[x: x, y: y] { plane.pointer[y * width + x] = 1 }
    }
    return Mask(
      width: width, height: height, source: .matte(plane), decision: .hard(after),
      extent: MaskExtent(area: after.area, box: after.box), pool: pool)
  }
}
