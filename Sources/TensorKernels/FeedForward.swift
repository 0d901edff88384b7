package import TensorCore
import TensorKernelBodies

/// norm(x + linear2(relu(linear1(x)))): the position-wise feed-forward network of a transformer layer with its residual
/// and the norm behind it (Vaswani et al., arXiv 1706.03762, section 3.3).
///
/// It runs block by block of rows, so that what is between the two layers, several times as wide as x, never leaves a
/// core's cache. Between quantized layers there are bytes.
package struct FeedForward: Sendable {
  let linear1: Linear
  let linear2: Linear
  let norm: LayerNorm

  private static let blockRows = 96

  /// - Precondition: A quantized first layer writes what the second one reads, or floats.
  package init(linear1: Linear, linear2: Linear, norm: LayerNorm) {
    precondition(linear1.outputs == linear2.inputs && linear1.inputs == linear2.outputs)
    precondition(linear1.writes == nil || linear1.writes == linear2.reads)
    self.linear1 = linear1
    self.linear2 = linear2
    self.norm = norm
  }

  /// Replaces the rows of x, (rows, inputs).
  package func callAsFunction(_ x: Matrix, _ execution: Execution) {
    assert(x.columns == linear1.inputs)
    if execution.probe != nil { return layerByLayer(x, execution) }
    let blocks = (x.rows + Self.blockRows - 1) / Self.blockRows
    let rows = min(Self.blockRows, x.rows)
    // The hidden rows, then room for what a quantized layer makes of its input.
    let hiddenSize = rows * linear1.outputs
    let scratch = execution.scratch(perThread: hiddenSize + rows * (max(linear1.inputs, linear2.inputs) + 4))
    let buffers = scratch.matrix
    execution.pool.forEach(blocks) { block, thread in
      let rows = x.rows(block * Self.blockRows..<min((block + 1) * Self.blockRows, x.rows))
      let (hidden, spare) = (buffers.row(thread), buffers.row(thread) + hiddenSize)
      let bytes = UnsafeMutableRawPointer(spare).assumingMemoryBound(to: UInt8.self)
      if case .integers(let first) = linear1.weights, case .integers(let second) = linear2.weights, first.output != nil
      {
        let hiddenBytes = UnsafeMutableRawPointer(hidden).assumingMemoryBound(to: UInt8.self)
        let input = first.kernels.quantize(rows, as: first.input, into: bytes)
        let between = first.rows(hiddenBytes, count: rows.rows)
        first.panels.multiply(input, panels: 0..<first.panels.count, into: between.result)
        second.panels.multiply(
          between.rows, panels: 0..<second.panels.count,
          into: PackedIntegerWeights.result(rows, residual: rows, activation: .none))
      } else {
        let between = Matrix(hidden, rows: rows.rows, columns: linear1.outputs)
        linear1.multiplyBlock(rows, into: between, residual: nil, activation: .relu, spare: bytes)
        linear2.multiplyBlock(between, into: rows, residual: rows, activation: .none, spare: bytes)
      }
      norm.normalize(rows, execution.instructions)
    }
  }

  /// The same, with whole matrices for a probe to look at.
  private func layerByLayer(_ x: Matrix, _ execution: Execution) {
    let hidden = linear1(x, activation: .relu, execution)
    linear2(hidden.matrix, into: x, residual: x, norm: norm, execution)
  }
}

extension PackedIntegerWeights {
  /// Rows of bytes that this layer writes, rectified, and the next one reads.
  fileprivate func rows(_ base: UnsafeMutablePointer<UInt8>, count: Int) -> (result: IntegerResult, rows: ByteRows) {
    let stride = roundUp(columns, to: 4)
    return (
      IntegerResult(kind: .bytes, base: base, stride: stride, lowest: Float(output?.zeroPoint ?? 0)),
      ByteRows(base: base, stride: stride, count: count, runLength: stride)
    )
  }
}

extension Linear {
  /// Of the bytes that it reads, or makes of the floats that it reads.
  fileprivate var reads: Quantization? { if case .integers(let weights) = weights { weights.input } else { nil } }
  /// Of the bytes that it writes.
  fileprivate var writes: Quantization? { if case .integers(let weights) = weights { weights.output } else { nil } }

  /// The whole product of some rows on the caller's thread.
  ///
  /// - Parameter spare: Room for the rows as bytes, each rounded up to fours.
  fileprivate func multiplyBlock(
    _ x: Matrix, into y: Matrix, residual: Matrix?, activation: Activation, spare: UnsafeMutablePointer<UInt8>
  ) {
    switch weights {
    case .floats(let weights):
      weights.panels.multiply(x, panels: 0..<weights.panelCount, into: y, residual: residual, activation: activation)
    case .integers(let weights):
      let bytes = weights.kernels.quantize(x, as: weights.input, into: spare)
      weights.panels.multiply(
        bytes, panels: 0..<weights.panels.count,
        into: PackedIntegerWeights.result(y, residual: residual, activation: activation))
    }
  }
}
