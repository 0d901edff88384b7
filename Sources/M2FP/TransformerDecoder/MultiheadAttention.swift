import TensorCore
import TensorKernels

/// Attention mask of masked attention, (queries, keys): `true` where a query must not attend to a key, because the
/// query's own mask is background there (`attn_mask` in Mask2Former).
struct AttentionMask: ~Copyable {
  private let memory: ArenaMemory
  private let elements: UnsafeMutablePointer<Bool>

  /// - Parameter logits: Mask logits, (queries, keys). The mask is `true` where their sigmoid is below 0.5.
  init(logits: Matrix, _ context: ExecutionContext) {
    let count = logits.rows * logits.columns
    memory = context.arena.memory(byteCount: count * MemoryLayout<Bool>.stride)
    elements = memory.pointer.bindMemory(to: Bool.self, capacity: count)
    let values = DisjointBuffer(elements, count: count)
    context.pool.forEachRange(count, grain: 16_384, sharing: (values, logits)) { range, _, shared in
      let (values, logits) = shared
      for index in range { values[index] = logits.base[index] < 0 }
    }
  }

  /// Elements, row-major, which must not outlive this value.
  var values: UnsafePointer<Bool> { UnsafePointer(elements) }
}

/// Multi-head attention with its four projections (Vaswani et al., arXiv 1706.03762; PyTorch's
/// `nn.MultiheadAttention`).
struct MultiheadAttention: Sendable {
  let heads: Int
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear

  init(
    heads: Int, query queryInput: TensorDescription, key keyInput: TensorDescription,
    value valueInput: TensorDescription, _ builder: NetworkBuilder
  ) throws {
    self.heads = heads
    (query, key, value) = try builder.attentionProjections(query: queryInput, key: keyInput, value: valueInput)
    builder.attention(queries: queryInput, keys: keyInput)
    output = try builder.linear("out_proj", queryInput, outputs: queryInput.channels)
  }

  /// - Parameter mask: (queries, keys), `true` where a query must not attend to a key; `nil` if all may attend to all.
  /// - Returns: residual + attention, (queries, hidden_dim).
  func callAsFunction(
    query queryInput: Matrix, key keyInput: FeatureView, value valueInput: FeatureView, mask: UnsafePointer<Bool>?,
    residual: Matrix, _ context: ExecutionContext
  ) -> Tensor<Float> {
    let queries = query(queryInput, context)
    let keys = key(keyInput, context)
    let values = value(valueInput, context)
    let attended = context.arena.matrix(rows: queries.height, columns: queries.channels)
    attention(
      queries: queries.matrix, keys: keys.matrix, values: values.matrix, heads: heads, mask: mask,
      into: attended.matrix, context)
    return output(attended.matrix, residual: residual, context)
  }
}
