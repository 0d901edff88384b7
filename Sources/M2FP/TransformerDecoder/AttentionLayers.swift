import TensorCore
import TensorKernels

/// Which keys each query must not look at: (queries, keys), true where the query's own mask says background.
struct AttentionMask: ~Copyable {
  private let storage: Tensor

  /// - Parameter logits: Mask logits (queries, keys). Hidden is what the sigmoid puts below one half.
  init(logits: Matrix, _ context: ExecutionContext) {
    let count = logits.rows * logits.columns
    storage = context.arena.matrix(rows: 1, columns: (count + 3) / 4)
    let hidden = UnsafeMutableRawPointer(storage.map.base).bindMemory(to: Bool.self, capacity: count)
    let keys = DisjointBuffer(hidden, count: count)
    context.pool.forEachRange(count, grain: 16_384) { range, _ in
      for index in range { keys[index] = logits.base[index] < 0 }
    }
  }

  /// Row-major; valid as long as this value lives.
  var hidden: UnsafePointer<Bool> {
    UnsafePointer(UnsafeMutableRawPointer(storage.map.base).assumingMemoryBound(to: Bool.self))
  }
}

/// Projections of multi-head attention (Vaswani et al., arXiv 1706.03762), as PyTorch's `nn.MultiheadAttention`.
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

  /// - Returns: residual + attention, (queries, hidden_dim).
  func callAsFunction(
    query queryInput: Matrix, key keyInput: FeatureView, value valueInput: FeatureView, mask: UnsafePointer<Bool>?,
    residual: Matrix, _ context: ExecutionContext
  ) -> Tensor {
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

/// A layer norm before (pre-norm) or behind (post-norm) what it belongs to.
struct ResidualNorm: Sendable {
  let norm: LayerNorm
  let normalizeBefore: Bool

  init(
    _ configuration: Configuration.TransformerDecoder, _ queries: TensorDescription, _ builder: NetworkBuilder
  ) throws {
    var x = queries
    norm = try builder.layerNorm("norm", &x)
    normalizeBefore = configuration.preNorm
  }

  /// post-norm: norm(layer(x)); pre-norm: layer(norm(x)), the residual x in both being the layer's to add.
  func callAsFunction(
    _ x: borrowing Tensor, _ context: ExecutionContext, layer: (_ input: Matrix, _ residual: Matrix) -> Tensor
  ) -> Tensor {
    guard normalizeBefore else {
      let output = layer(x.matrix, x.matrix)
      norm(output.matrix, into: output.matrix, context)
      return output
    }
    let normalized = context.arena.matrix(rows: x.height, columns: x.channels)
    norm(x.matrix, into: normalized.matrix, context)
    return layer(normalized.matrix, x.matrix)
  }
}

/// Queries look at one level of the memory, each within its own mask.
struct CrossAttentionLayer: Sendable {
  let attention: MultiheadAttention
  let norm: ResidualNorm

  init(
    _ configuration: Configuration.TransformerDecoder, _ queries: TensorDescription, _ level: MemoryDescription,
    _ builder: NetworkBuilder
  ) throws {
    attention = try MultiheadAttention(
      heads: configuration.heads, query: queries, key: level.keys, value: level.values,
      builder.scope("multihead_attn"))
    norm = try ResidualNorm(configuration, queries, builder)
  }

  func callAsFunction(
    _ queries: borrowing Tensor, _ position: Matrix, _ level: MemoryLevel, _ mask: borrowing AttentionMask,
    _ context: ExecutionContext
  ) -> Tensor {
    norm(queries, context) { input, residual in
      let query = sum(input, position, context)
      return attention(
        query: query.matrix, key: level.keys, value: level.values, mask: mask.hidden, residual: residual, context)
    }
  }
}

/// Queries look at each other.
struct SelfAttentionLayer: Sendable {
  let attention: MultiheadAttention
  let norm: ResidualNorm

  init(
    _ configuration: Configuration.TransformerDecoder, _ queries: TensorDescription, _ builder: NetworkBuilder
  ) throws {
    attention = try MultiheadAttention(
      heads: configuration.heads, query: queries, key: queries, value: queries, builder.scope("self_attn"))
    norm = try ResidualNorm(configuration, queries, builder)
  }

  func callAsFunction(_ queries: borrowing Tensor, _ position: Matrix, _ context: ExecutionContext) -> Tensor {
    norm(queries, context) { input, residual in
      let query = sum(input, position, context)
      return attention(
        query: query.matrix, key: .floats(query.map), value: FeatureView(input), mask: nil, residual: residual,
        context)
    }
  }
}

/// The feed-forward network of a decoder layer.
struct FFNLayer: Sendable {
  let linear1: Linear
  let linear2: Linear
  let norm: ResidualNorm

  init(
    _ configuration: Configuration.TransformerDecoder, _ queries: TensorDescription, _ builder: NetworkBuilder
  ) throws {
    var x = builder.tensor("queries", like: queries)
    linear1 = try builder.linear("linear1", &x, outputs: configuration.feedForward)
    linear2 = try builder.linear("linear2", &x, outputs: queries.channels)
    norm = try ResidualNorm(configuration, x, builder)
  }

  func callAsFunction(_ queries: borrowing Tensor, _ context: ExecutionContext) -> Tensor {
    norm(queries, context) { input, residual in
      let hidden = linear1(input, activation: .relu, context)
      return linear2(hidden.matrix, residual: residual, context)
    }
  }
}
