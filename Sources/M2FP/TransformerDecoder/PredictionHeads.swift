import TensorCore
import TensorKernels

/// Class and mask heads (Cheng et al., arXiv 2112.01527): class logits of each query, and mask logits as the product of
/// its mask embedding with the mask features.
struct PredictionHeads: Sendable {
  let decoderNorm: LayerNorm
  let classEmbedding: Linear
  /// MLP of three layers with ReLU between them.
  let maskEmbedding: [Linear]

  /// The class head is called once, at the end; the mask head also before each layer, for the layer's attention mask.
  ///
  /// - Parameters:
  ///   - levels: The feature map that each layer attends to.
  ///   - maskFeatures: The feature map of the final masks.
  init(
    _ configuration: Configuration.TransformerDecoder, _ queries: TensorDescription, levels: [TensorDescription],
    maskFeatures: TensorDescription, _ builder: NetworkBuilder
  ) throws {
    var x = queries
    decoderNorm = try builder.layerNorm("decoder_norm", &x)
    classEmbedding = try builder.linear("class_embed", x, outputs: configuration.numClasses + 1)
    let (decoder, masks) = (MultiScaleMaskedTransformerDecoder.stage, "masks")
    let head = builder.called(in: levels.map { _ in decoder } + [masks])
    let widths = [queries.channels, queries.channels, configuration.maskDim]
    maskEmbedding = try widths.enumerated().map { index, width in
      try head.linear("mask_embed.layers.\(index)", &x, outputs: width)
    }
    for level in levels { builder.product(queries: x, pixels: level) }
    builder.called(in: masks).product(queries: x, pixels: maskFeatures)
  }

  /// Class logits (queries, classes + 1); the last column is "no object".
  func predLogits(of queries: borrowing Tensor<Float>, _ context: ExecutionContext) -> Tensor<Float> {
    let normalized = normalize(queries, context)
    return classEmbedding(normalized, context)
  }

  /// Attention mask of the next layer's cross-attention.
  ///
  /// - Parameter maskFeatures: (S, mask_dim), at the size of that layer's level.
  func attentionMask(
    of queries: borrowing Tensor<Float>, _ maskFeatures: Matrix, _ context: ExecutionContext
  ) -> AttentionMask {
    let logits = predMasks(of: queries, maskFeatures, context)
    return AttentionMask(logits: logits.matrix, context)
  }

  /// The network's output, copied out of the arena.
  func callAsFunction(
    _ queries: borrowing Tensor<Float>, _ maskFeatures: borrowing Tensor<Float>, _ context: ExecutionContext,
    forwardHook: ForwardHook?
  ) throws -> M2FPOutput {
    let classes = predLogits(of: queries, context)
    try forwardHook?("pred_logits", .floats(classes.map))
    let masks = predMasks(of: queries, maskFeatures.matrix, context)
    try forwardHook?("pred_masks", .floats(masks.map))
    var output = M2FPOutput(
      queries: classes.height, classes: classes.channels - 1, predLogits: Array(classes.elements),
      predMasks: Constant(masks.elements), maskHeight: maskFeatures.height, maskWidth: maskFeatures.width)
    let embeddings = normalize(queries, context)
    output.queryEmbeddings = Array(embeddings.elements)
    return output
  }

  /// Mask logits (queries, pixels).
  private func predMasks(of queries: borrowing Tensor<Float>, _ pixels: Matrix, _ context: ExecutionContext) -> Tensor<
    Float
  > {
    var embedding = normalize(queries, context)
    for (index, linear) in maskEmbedding.enumerated() {
      embedding = linear(embedding, activation: index < maskEmbedding.count - 1 ? .relu : .none, context)
    }
    let logits = context.arena.matrix(rows: queries.height, columns: pixels.rows)
    matrixProduct(embedding.matrix, pixels, transposeB: true, into: logits.matrix, context)
    return logits
  }

  private func normalize(_ queries: borrowing Tensor<Float>, _ context: ExecutionContext) -> Tensor<Float> {
    let normalized = context.arena.matrix(rows: queries.height, columns: queries.channels)
    decoderNorm(queries.matrix, into: normalized.matrix, context)
    return normalized
  }
}
