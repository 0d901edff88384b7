import ImageCoding
import M2FP
import MaskMerging
import TensorCore
import TensorKernels

extension ClassProbabilities {
  /// Queries whose weights add up to less than this are left out of a class's mask.
  private static let negligibleWeight: Float = 0.5 / 255

  /// The soft mask of a class; inside are the pixels to which `map` gives it.
  func mask(of category: Int, in map: LabelMap, extent: MaskExtent, pool: WorkerPool) -> Mask {
    let index = UInt8(truncatingIfNeeded: category)
    switch self {
    case .planes(let planes, _, let rows, let columns):
      // A copy of its own, so that the planes of classes that do not occur are not kept.
      let size = rows.inputCount * columns.inputCount
      let plane = planes.part(category * size..<(category + 1) * size)
      let grid = MaskGrid(CoarsePlane(plane), rows: rows, columns: columns)
      return Mask(probabilities: grid, category: index, of: map, extent: extent, pool: pool)
    case .mixtures(let output, let weights, let rows, let columns):
      let row = weights.withElements { Array($0[category * output.queries..<(category + 1) * output.queries]) }
      var ascending = row.enumerated().sorted { $0.element < $1.element }[...]
      var dropped: Float = 0
      while let least = ascending.first, dropped + least.element < Self.negligibleWeight {
        dropped += least.element
        ascending.removeFirst()
      }
      let layers = ascending.map { query, weight in
        (weight: weight, grid: MaskGrid(output.mask(query), rows: rows, columns: columns))
      }
      return Mask(mixture: layers, category: index, of: map, extent: extent, pool: pool)
    }
  }
}
