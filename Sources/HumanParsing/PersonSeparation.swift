import M2FP
import MaskMerging
import TensorCore
import TensorKernels

/// How the mask of one query of a person falls into persons, on the network's grid.
struct PersonSeparation {
  /// Number of persons, at least 1.
  let count: Int
  /// The person whom each cell belongs to, axes (maskHeight, maskWidth); `nil` around areas that are removed.
  private let persons: [Int?]
  /// The same as if nothing had been removed.
  private let nearest: [Int?]

  /// - Returns: `nil` if the mask is one person, and nothing is removed from it.
  init?(_ output: M2FPOutput, query: Int, geometry: InputGeometry, mending: PeopleMending) {
    guard mending != .none else { return nil }
    let (height, width) = (output.maskHeight, output.maskWidth)
    let areas = MaskAreas(
      output.logits(query), height: height, width: width,
      visibleRows: (geometry.rows.upperBound * height + geometry.paddedHeight - 1) / geometry.paddedHeight,
      visibleColumns: (geometry.columns.upperBound * width + geometry.paddedWidth - 1) / geometry.paddedWidth)
    guard areas.areas.count > 1 else { return nil }
    let numbers = mending.persons(areas)
    guard numbers.contains(where: { $0 != 0 }) else { return nil }
    count = (numbers.compactMap(\.self).max() ?? 0) + 1
    nearest = areas.nearest(numbers)
    persons = areas.nearest(numbers.map { $0 ?? Self.removed }).map { $0 == Self.removed ? nil : $0 }
  }

  private static let removed = -1
  /// Logit of a cell that belongs to somebody else: a probability of 10⁻⁷.
  private static let outside: Float = -16

  /// A mask of the same persons, with what belongs to one of them alone.
  ///
  /// - Parameters:
  ///   - logits: The mask that was separated, or one of a part; axes (maskHeight, maskWidth).
  ///   - person: From 0.
  ///   - isPart: Whether cells around removed areas belong to the nearest person.
  func plane(_ logits: Constant<Float>, of person: Int, isPart: Bool = false) -> CoarsePlane {
    let owners = isPart ? nearest : persons
    return logits.withElements { logits in
      CoarsePlane(
        Constant(count: logits.count) { cells in
          for index in cells.indices {
            cells[index] = owners[index] == person ? logits[index] : min(logits[index], Self.outside)
          }
        })
    }
  }
}

extension M2FPOutput {
  /// A copy of the mask logits of one query, axes (maskHeight, maskWidth).
  func logits(_ query: Int) -> Constant<Float> {
    predMasks.part(query * maskHeight * maskWidth..<(query + 1) * maskHeight * maskWidth)
  }
}
