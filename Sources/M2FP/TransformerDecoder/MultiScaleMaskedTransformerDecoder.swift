import TensorCore
import TensorKernels

/// Mask2Former's transformer decoder with masked attention (Cheng et al., arXiv 2112.01527, section 3.2): learnt
/// queries look, layer by layer, at one level of the pixel decoder in turn, each only where its own mask of the layer
/// before says foreground.
struct MultiScaleMaskedTransformerDecoder: Sendable {
  /// (queries, hidden_dim): what the queries are before the first layer.
  let queryFeatures: Constant<Float>
  /// (queries, hidden_dim): their positional embedding, added in every attention.
  let queryEmbedding: Constant<Float>
  let queries: Int
  let memory: MemoryProjection
  let layers: [DecoderLayer]
  let heads: PredictionHeads

  init(
    _ configuration: Configuration.TransformerDecoder, encoder: Configuration.PixelDecoder,
    _ parameters: ParameterReader
  ) throws {
    queries = configuration.numQueries
    queryFeatures = try parameters.constant(KeyMap.queryFeatures)
    queryEmbedding = try parameters.constant(KeyMap.queryEmbedding)
    memory = try MemoryProjection(configuration, encoder: encoder, parameters)
    layers = try (0..<configuration.layers).map { try DecoderLayer(configuration, $0, parameters) }
    heads = try PredictionHeads(parameters)
  }

  /// - Returns: Class and mask logits of every query.
  func callAsFunction(
    _ pixels: consuming PixelDecoderOutput, _ context: ExecutionContext, forwardHook: ForwardHook?
  ) throws -> M2FPOutput {
    let maskFeatures = pixels.maskFeatures
    let memory = memory(pixels.tokens, pixels.levels, maskFeatures: maskFeatures, context)
    let position = Matrix(queryEmbedding, rows: queries, columns: queryEmbedding.count / queries)
    var output = context.arena.matrix(rows: queries, columns: position.columns)
    queryFeatures.withElements { features in _ = output.elements.update(fromContentsOf: features) }
    for (index, layer) in layers.enumerated() {
      try forwardHook?("layer\(index).pred_logits", .floats(heads.predLogits(of: output, context).map))
      let level = memory.level(index % memory.levels.count)
      let mask = heads.attentionMask(of: output, level.maskFeatures, context)
      output = layer(output, position, level, mask, context)
    }
    return try heads(output, maskFeatures, context, forwardHook: forwardHook)
  }
}

/// One decoder layer: masked cross-attention, self-attention, feed-forward network, in this order.
struct DecoderLayer: Sendable {
  let crossAttention: CrossAttentionLayer
  let selfAttention: SelfAttentionLayer
  let feedForward: FFNLayer

  init(_ configuration: Configuration.TransformerDecoder, _ index: Int, _ parameters: ParameterReader) throws {
    crossAttention = try CrossAttentionLayer(configuration, KeyMap.crossAttention(index), parameters)
    selfAttention = try SelfAttentionLayer(configuration, KeyMap.selfAttention(index), parameters)
    feedForward = try FFNLayer(configuration, KeyMap.feedForward(index), parameters)
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
