import TensorCore
import TensorKernels

/// Mask2Former's transformer decoder with masked attention (Cheng et al., arXiv 2112.01527, section 3.2).
///
/// Each layer attends to one level of the pixel decoder's features, round-robin from coarse to fine, and each query
/// only to the foreground of the mask that was predicted for it before the layer.
struct MultiScaleMaskedTransformerDecoder: Sendable {
  /// Learnable query features, (queries, hidden_dim): the input of the first layer.
  let queryFeatures: Constant<Float>
  /// Positional embedding of the queries, (queries, hidden_dim); every attention layer adds it.
  let queryEmbedding: Constant<Float>
  let queries: Int
  let featureProjection: FeatureProjection
  let layers: [DecoderLayer]
  let heads: PredictionHeads

  /// Name of the stage under which operations are counted.
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
    featureProjection = try FeatureProjection(configuration, pixels.levels, builder)
    let levels = (0..<configuration.layers).map { $0 % pixels.levels.count }
    layers = try levels.enumerated().map { [featureProjection] index, level in
      try DecoderLayer(configuration, index, query, featureProjection.levels[level], builder)
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
    let features = featureProjection(pixels.tokens, pixels.levels, maskFeatures: maskFeatures, context)
    let position = Matrix(queryEmbedding, rows: queries, columns: queryEmbedding.count / queries)
    var output = context.arena.matrix(rows: queries, columns: position.columns)
    queryFeatures.withElements { _ = output.elements.update(fromContentsOf: $0) }
    for (index, layer) in layers.enumerated() {
      try forwardHook?("layer\(index).pred_logits", .floats(heads.predLogits(of: output, context).map))
      let level = features.level(index % features.levels.count)
      let mask = heads.attentionMask(of: output, level.maskFeatures, context)
      output = layer(output, position, level, mask, context)
    }
    return try heads(output, maskFeatures, context, forwardHook: forwardHook)
  }
}
