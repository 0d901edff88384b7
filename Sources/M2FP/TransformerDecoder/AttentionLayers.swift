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
    context.pool.forEachRange(count, grain: 16_384) { range, _ in
      for index in range { hidden[index] = logits.base[index] < 0 }
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

  init(heads: Int, _ name: String, _ parameters: ParameterReader) throws {
    self.heads = heads
    (query, key, value) = try parameters.attentionProjections(name)
    output = try parameters.linear("\(name).out_proj")
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

  init(_ configuration: Configuration.TransformerDecoder, _ name: String, _ parameters: ParameterReader) throws {
    norm = try parameters.layerNorm("\(name).norm")
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

  init(_ configuration: Configuration.TransformerDecoder, _ name: String, _ parameters: ParameterReader) throws {
    attention = try MultiheadAttention(heads: configuration.heads, "\(name).multihead_attn", parameters)
    norm = try ResidualNorm(configuration, name, parameters)
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

  init(_ configuration: Configuration.TransformerDecoder, _ name: String, _ parameters: ParameterReader) throws {
    attention = try MultiheadAttention(heads: configuration.heads, "\(name).self_attn", parameters)
    norm = try ResidualNorm(configuration, name, parameters)
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

  init(_ configuration: Configuration.TransformerDecoder, _ name: String, _ parameters: ParameterReader) throws {
    linear1 = try parameters.linear("\(name).linear1")
    linear2 = try parameters.linear("\(name).linear2")
    norm = try ResidualNorm(configuration, name, parameters)
  }

  func callAsFunction(_ queries: borrowing Tensor, _ context: ExecutionContext) -> Tensor {
    norm(queries, context) { input, residual in
      let hidden = linear1(input, activation: .relu, context)
      return linear2(hidden.matrix, residual: residual, context)
    }
  }
}
