import TensorCore
import TensorKernels

/// One decoder layer: masked cross-attention, self-attention, feed-forward network, in this order.
struct DecoderLayer: Sendable {
  let crossAttention: CrossAttentionLayer
  let selfAttention: SelfAttentionLayer
  let feedForward: FFNLayer

  init(
    _ configuration: Configuration.TransformerDecoder, _ index: Int, _ queries: TensorDescription,
    _ level: FeatureLevelDescription, _ builder: NetworkBuilder
  ) throws {
    func scope(_ kind: String) -> NetworkBuilder { builder.scope("transformer_\(kind)_layers.\(index)") }
    selfAttention = try SelfAttentionLayer(configuration, queries, scope("self_attention"))
    crossAttention = try CrossAttentionLayer(configuration, queries, level, scope("cross_attention"))
    feedForward = try FFNLayer(configuration, queries, scope("ffn"))
  }

  func callAsFunction(
    _ queries: borrowing Tensor<Float>, _ position: Matrix, _ level: FeatureLevel, _ mask: borrowing AttentionMask,
    _ context: ExecutionContext
  ) -> Tensor<Float> {
    var output = crossAttention(queries, position, level, mask, context)
    output = selfAttention(output, position, context)
    return feedForward(output, context)
  }
}

/// The layer norm of a residual layer, before it (pre-norm) or after it (post-norm).
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

  /// Computes norm(layer(x)) with post-norm and layer(norm(x)) with pre-norm. The layer itself adds the residual x.
  func callAsFunction(
    _ x: borrowing Tensor<Float>, _ context: ExecutionContext,
    layer: (_ input: Matrix, _ residual: Matrix) -> Tensor<Float>
  ) -> Tensor<Float> {
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

/// Masked cross-attention from the queries to one level of the image features.
struct CrossAttentionLayer: Sendable {
  let attention: MultiheadAttention
  let norm: ResidualNorm

  init(
    _ configuration: Configuration.TransformerDecoder, _ queries: TensorDescription, _ level: FeatureLevelDescription,
    _ builder: NetworkBuilder
  ) throws {
    attention = try MultiheadAttention(
      heads: configuration.heads, query: queries, key: level.keys, value: level.values,
      builder.scope("multihead_attn"))
    norm = try ResidualNorm(configuration, queries, builder)
  }

  func callAsFunction(
    _ queries: borrowing Tensor<Float>, _ position: Matrix, _ level: FeatureLevel, _ mask: borrowing AttentionMask,
    _ context: ExecutionContext
  ) -> Tensor<Float> {
    norm(queries, context) { input, residual in
      let query = sum(input, position, context)
      return attention(
        query: query.matrix, key: level.keys, value: level.values, mask: mask.values, residual: residual, context)
    }
  }
}

/// Self-attention between the queries.
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

  func callAsFunction(_ queries: borrowing Tensor<Float>, _ position: Matrix, _ context: ExecutionContext) -> Tensor<
    Float
  > {
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

  func callAsFunction(_ queries: borrowing Tensor<Float>, _ context: ExecutionContext) -> Tensor<Float> {
    norm(queries, context) { input, residual in
      let hidden = linear1(input, activation: .relu, context)
      return linear2(hidden.matrix, residual: residual, context)
    }
  }
}
