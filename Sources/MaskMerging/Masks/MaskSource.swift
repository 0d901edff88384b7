import ImageCoding
import TensorCore
package import TensorKernels

/// Where the probabilities of a mask come from.
indirect enum MaskSource: Sendable {
  /// The logistic function of resized logits.
  case logits(MaskGrid)
  /// Resized probabilities.
  case grid(MaskGrid)
  /// The sum of weight × logistic(resized logits).
  case mixture([Layer])
  /// Full size, axes (height, width).
  case probabilities(Constant<Float>)
  /// Full size.
  case matte(FloatPlane)
  /// Full size, 255 for 1.
  case bytes(GrayImage)
  case hard(BinaryMask)
  /// 1 where the map has the given label.
  case labels(LabelMap, UInt8)
  /// The largest.
  case union([MaskSource])
  /// The smaller of the first and of what the second leaves.
  case difference(MaskSource, MaskSource)
  /// Another mask in a part of the picture, of whose size it is; 0 elsewhere.
  case placed(MaskSource, columns: Range<Int>, rows: Range<Int>)

  struct Layer: Sendable {
    let weight: Float
    let grid: MaskGrid
  }
}

extension MaskSource {
  /// Whether all values come from grids with no more than this number of rows, between which values are interpolated.
  func isInterpolated(fromRows count: Int) -> Bool {
    switch self {
    case .logits(let grid), .grid(let grid): grid.rows.inputCount <= count
    case .mixture(let layers): layers.allSatisfy { $0.grid.rows.inputCount <= count }
    case .union(let sources): sources.allSatisfy { $0.isInterpolated(fromRows: count) }
    case .difference(let source, let other):
      source.isInterpolated(fromRows: count) && other.isInterpolated(fromRows: count)
    case .probabilities, .matte, .bytes, .hard, .labels, .placed: false
    }
  }
}

/// Values on a coarse grid, and how the grid lies over the picture.
package struct MaskGrid: Sendable {
  /// Axes (rows.inputCount, columns.inputCount); its memory is shared with other masks of the same network output.
  let plane: CoarsePlane
  let rows: AxisInterpolationWeights
  let columns: AxisInterpolationWeights

  /// - Precondition: The plane has as many values as the axes have inputs.
  package init(_ plane: CoarsePlane, rows: AxisInterpolationWeights, columns: AxisInterpolationWeights) {
    precondition(rows.inputCount * columns.inputCount <= plane.count, "a grid has values")
    self.plane = plane
    self.rows = rows
    self.columns = columns
  }
}
