import TensorCore
import TensorKernels

/// One decoder layer: masked cross-attention, self-attention, feed-forward network, in this order.
struct DecoderLayer: Sendable {
  let crossAttention: CrossAttentionLayer
  let selfAttention: SelfAttentionLayer
  let feedForward: FFNLayer

  init(
    _ configuration: Configuration.TransformerDecoder, _ index: Int, _ queries: TensorDescription,
    _ level: MemoryDescription, _ builder: NetworkBuilder
  ) throws {
    func scope(_ kind: String) -> NetworkBuilder { builder.scope("transformer_\(kind)_layers.\(index)") }
    selfAttention = try SelfAttentionLayer(configuration, queries, scope("self_attention"))
    crossAttention = try CrossAttentionLayer(configuration, queries, level, scope("cross_attention"))
    feedForward = try FFNLayer(configuration, queries, scope("ffn"))
  }

  func callAsFunction(
    _ queries: borrowing Tensor, _ position: Matrix, _ level: MemoryLevel, _ mask: borrowing AttentionMask,
    _ context: ExecutionContext
  ) -> Tensor {
    var output = crossAttention(queries, position, level, mask, context)
    output = selfAttention(output, position, context)
    return feedForward(output, context)
  }
}
