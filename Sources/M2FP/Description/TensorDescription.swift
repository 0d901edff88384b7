/// Name and shape of an activation for an image of any size. Constructors pass it from layer to layer, as Detectron2's
/// pass `ShapeSpec`.
package struct TensorDescription: Sendable, Equatable {
  /// What a row of the activation stands for.
  package enum Rows: Sendable, Equatable {
    /// The pixels of feature maps with these strides, one map after another.
    case pixels(strides: [Int])
    /// Queries, whose number does not depend on the image.
    case queries(Int)
  }

  /// Name of the layer that writes the activation, or a name below that of the module that does. Tensors with the same
  /// name are quantized alike.
  package var name: String
  package var channels: Int
  package var rows: Rows

  /// Strides of the feature maps that the rows are pixels of; empty for queries.
  package var strides: [Int] {
    if case .pixels(let strides) = rows { strides } else { [] }
  }

  /// The number of rows for an input of the given size.
  package func rowCount(height: Int, width: Int) -> Int {
    switch rows {
    case .pixels(let strides):
      strides.reduce(0) { $0 + ($1 - 1 + height) / $1 * (($1 - 1 + width) / $1) }
    case .queries(let count): count
    }
  }

  /// The shape after a layer of this stride, padded so that the size is rounded up.
  func strided(by stride: Int) -> TensorDescription {
    var result = self
    if case .pixels(let strides) = rows { result.rows = .pixels(strides: strides.map { $0 * stride }) }
    return result
  }

  /// The rows of one of several feature maps.
  func level(_ index: Int) -> TensorDescription {
    var result = self
    result.rows = .pixels(strides: [strides[index]])
    return result
  }
}
