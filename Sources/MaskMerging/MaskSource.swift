import ImageCoding
package import TensorCore
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
  /// Full size, 255 for 1.
  case bytes(GrayImage)
  case hard(HardMask)
  /// 1 where the map has the given label.
  case labels(LabelMap, UInt8)
  /// The largest.
  case union([MaskSource])

  struct Layer: Sendable {
    let weight: Float
    let grid: MaskGrid
  }
}

/// Values on a coarse grid, and how the grid lies over the picture.
package struct MaskGrid: Sendable {
  /// Shared with the other masks of the same network output.
  let values: Constant<Float>
  /// Where in `values` the grid starts, axes (rows.inputCount, columns.inputCount).
  let offset: Int
  let rows: AxisTaps
  let columns: AxisTaps

  /// - Precondition: The grid lies within `values`.
  package init(values: Constant<Float>, offset: Int, rows: AxisTaps, columns: AxisTaps) {
    precondition(offset >= 0 && offset + rows.inputCount * columns.inputCount <= values.count, "a grid has values")
    self.values = values
    self.offset = offset
    self.rows = rows
    self.columns = columns
  }

  var pointer: UnsafePointer<Float> { values.pointer + offset }
}
