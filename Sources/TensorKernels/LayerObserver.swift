package import TensorCore

/// Sees what the layers of a pass read and write, and may change it in place: how calibration looks into a network.
///
/// Only fp32 layers are observed. Everything happens on the thread that runs the pass.
package protocol LayerObserver: AnyObject {
  /// Called before a layer computes.
  func layer(_ name: String, willRead input: LayerInput)
  /// Called when it has: the same input again, and its result (rows, outputs) with what was fused to it.
  func layer(_ name: String, didRead input: LayerInput, writing output: Matrix)
}

/// Input of a layer, with the rows that its weight is multiplied with.
package struct LayerInput {
  /// Pixels or tokens, and their channels.
  package let values: Matrix
  /// Rows of the result.
  package let rows: Int
  /// Factors of one element of the result.
  package let depth: Int
  /// `nil` for a fully connected layer, whose output rows belong to the same rows of the input.
  private let gather: ImplicitIm2Col<Float>?

  init(_ x: Matrix) {
    values = x
    rows = x.rows
    depth = x.columns
    gather = nil
  }

  /// Input of a convolution whose output is `y`.
  init(_ x: FeatureMap<Float>, _ shape: ConvolutionShape, into y: FeatureMap<Float>) {
    let gather = shape.gather(x, outputWidth: y.width)
    values = x.tokens
    rows = y.height * y.width
    depth = gather.depth
    self.gather = gather
  }

  /// Whether it is the input of a convolution.
  package var isMap: Bool { gather != nil }

  /// What the weight is multiplied with for one row of the result: `depth` numbers, axes (kernel row, kernel column,
  /// channel); zeros outside of the picture.
  package func row(_ index: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: depth) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      if let gather {
        gather(index..<index + 1, into: base)
      } else {
        base.update(from: values.row(index), count: depth)
      }
      count = depth
    }
  }
}

extension ExecutionContext {
  /// Shows a layer's input to the observer; `nil` if there is no observer.
  @inline(__always)
  func begin(_ input: @autoclosure () -> LayerInput, of name: String) -> LayerInput? {
    guard let observer else { return nil }
    let input = input()
    observer.layer(name, willRead: input)
    return input
  }

  /// Shows the result of the layer whose input was shown.
  @inline(__always)
  func end(_ input: LayerInput?, of name: String, writing output: Matrix) {
    if let input { observer?.layer(name, didRead: input, writing: output) }
  }
}
