package import TensorCore
import TensorKernelBodies

/// norm(x + linear2(relu(linear1(x)))): the position-wise feed-forward network of a transformer layer with its residual
/// and the norm behind it (Vaswani et al., arXiv 1706.03762, section 3.3).
///
/// It runs block by block of rows, so that what is between the two layers, several times as wide as x, never leaves a
/// core's cache. Between int8 layers it is quantized.
package struct FeedForward: Sendable {
  let linear1: Linear
  let linear2: Linear
  let norm: LayerNorm

  private static let blockRows = 96

  /// - Precondition: The output of an int8 first layer is fp32, or has the quantization of the second layer's input.
  package init(linear1: Linear, linear2: Linear, norm: LayerNorm) {
    precondition(linear1.outputs == linear2.inputs && linear1.inputs == linear2.outputs)
    precondition(linear1.writes == nil || linear1.writes == linear2.reads)
    self.linear1 = linear1
    self.linear2 = linear2
    self.norm = norm
  }

  /// Replaces the rows of x, axes (rows, inputs).
  package func callAsFunction(_ x: Matrix, _ context: ExecutionContext) {
    assert(x.columns == linear1.inputs)
    // An observer is shown whole matrices.
    let blockRows = max(context.observer == nil ? min(Self.blockRows, x.rows) : x.rows, 1)
    let workspace = workspace(rows: blockRows)
    let scratch = context.scratch(workspace.layout)
    context.pool.forEach(
      (x.rows + blockRows - 1) / blockRows,
      sharing: (
        self, x, blockRows, workspace, scratch.threads,
        context.instructions, context.observed
      )
    ) { block, thread, shared in
      let (layer, x, blockRows, workspace, threads, instructions, observed) = shared
      layer.callOnBlock(
        x.block(block, rows: blockRows), workspace, threads[thread], instructions, observed: observed?.context)
    }
  }

  /// Layout of the scratch memory for a block of rows.
  struct Workspace: Sendable {
    private(set) var layout = ScratchLayout()
    /// Hidden rows in fp32; empty if they are int8.
    fileprivate let hidden: ScratchLayout.Part<Float>
    /// Hidden rows in int8; empty if they are fp32.
    fileprivate let hiddenBytes: ScratchLayout.Part<UInt8>
    /// Quantized input of an int8 layer.
    fileprivate let quantized: ScratchLayout.Part<UInt8>

    fileprivate init(_ layer: FeedForward, rows: Int) {
      let inputs = max(layer.linear1.inputs, layer.linear2.inputs)
      let isHiddenInt8 = layer.integerWeights != nil
      hidden = layout.add(Float.self, count: isHiddenInt8 ? 0 : rows * layer.linear1.outputs)
      hiddenBytes = layout.add(
        UInt8.self, count: isHiddenInt8 ? Linear.quantizedSize(rows: rows, inputs: layer.linear2.inputs) : 0)
      quantized = layout.add(UInt8.self, count: Linear.quantizedSize(rows: rows, inputs: inputs))
    }
  }

  func workspace(rows: Int) -> Workspace { Workspace(self, rows: rows) }

  /// Weights of both layers if what is between them is int8.
  private var integerWeights: (first: PackedIntegerWeights, second: PackedIntegerWeights)? {
    if case .integers(let first) = linear1.weights, case .integers(let second) = linear2.weights, first.output != nil {
      (first, second)
    } else {
      nil
    }
  }

  /// Replaces a block of rows on the caller's thread.
  func callOnBlock(
    _ rows: Matrix, _ workspace: Workspace, _ scratch: ThreadScratch, _ instructions: InstructionSet,
    observed: ExecutionContext?
  ) {
    let quantized = scratch[workspace.quantized]
    if let (first, second) = integerWeights {
      let between = first.rows(scratch[workspace.hiddenBytes], count: rows.rows)
      first.panels.multiply(
        first.kernels.quantize(rows, as: first.input, into: quantized), panels: 0..<first.panels.count,
        into: between.result)
      second.panels.multiply(
        between.rows, panels: 0..<second.panels.count,
        into: PackedIntegerWeights.result(rows, residual: rows, activation: .none))
    } else {
      let hidden = Matrix(scratch[workspace.hidden], rows: rows.rows, columns: linear1.outputs)
      linear1.multiplyBlock(rows, into: hidden, activation: .relu, scratch: quantized, observed: observed)
      linear2.multiplyBlock(hidden, into: rows, residual: rows, scratch: quantized, observed: observed)
    }
    norm.normalize(rows, instructions)
  }
}

extension PackedIntegerWeights {
  /// Quantized rows that this layer writes, with ReLU applied, and the next one reads.
  fileprivate func rows(_ base: UnsafeMutablePointer<UInt8>, count: Int) -> (
    result: RequantizationEpilogue, rows: ByteRows
  ) {
    let stride = roundUp(columns, to: 4)
    return (
      RequantizationEpilogue(kind: .bytes, base: base, stride: stride, lowest: Float(output?.zeroPoint ?? 0)),
      ByteRows(base: base, stride: stride, count: count, runLength: stride)
    )
  }
}

extension Linear {
  /// Quantization of the input; `nil` for an fp32 layer.
  fileprivate var reads: QuantizationParameters? {
    if case .integers(let weights) = weights { weights.input } else { nil }
  }
  /// Quantization of the output; `nil` if the output is fp32.
  fileprivate var writes: QuantizationParameters? {
    if case .integers(let weights) = weights { weights.output } else { nil }
  }
}
