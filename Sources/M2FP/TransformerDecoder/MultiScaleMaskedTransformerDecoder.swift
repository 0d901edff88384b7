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

  /// The stage of a pass, for counting operations.
  static let stage = "transformer decoder"

  init(
    _ configuration: Configuration.TransformerDecoder, _ pixels: PixelDecoderDescription, _ builder: NetworkBuilder
  ) throws {
    let builder = builder.called(in: Self.stage)
    let dim = configuration.hiddenDim
    queries = configuration.numQueries
    queryFeatures = try builder.constant("query_feat.weight", [queries, dim])
    queryEmbedding = try builder.constant("query_embed.weight", [queries, dim])
    let query = builder.tensor("queries", channels: dim, .queries(queries))
    memory = try MemoryProjection(configuration, pixels.levels, builder)
    let levels = (0..<configuration.layers).map { $0 % pixels.levels.count }
    layers = try levels.enumerated().map { [memory] index, level in
      try DecoderLayer(configuration, index, query, memory.levels[level], builder)
    }
    heads = try PredictionHeads(
      configuration, query,
      levels: levels.map { level in
        var features = pixels.levels[level]
        features.channels = configuration.maskDim
        return features
      }, maskFeatures: pixels.maskFeatures, builder)
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
