import TensorCore
import TensorKernels

/// What a query says: its class and, through its product with the pixels, its mask (Cheng et al., arXiv 2112.01527).
struct PredictionHeads: Sendable {
  let decoderNorm: LayerNorm
  let classEmbedding: Linear
  /// A perceptron of three layers, ReLU between them.
  let maskEmbedding: [Linear]

  init(_ parameters: ParameterReader) throws {
    decoderNorm = try parameters.layerNorm(KeyMap.decoderNorm)
    classEmbedding = try parameters.linear(KeyMap.classEmbedding)
    maskEmbedding = try (0..<3).map { try parameters.linear(KeyMap.maskEmbedding($0)) }
  }

  /// Class logits (queries, classes + 1); the last column is "no object".
  func classLogits(of queries: borrowing Tensor, _ execution: Execution) -> Tensor {
    let normalized = normalize(queries, execution)
    return classEmbedding(normalized, execution)
  }

  /// What the next layer's cross-attention must not look at.
  ///
  /// - Parameter maskFeatures: (S, mask_dim), at the size of that layer's level.
  func attentionMask(
    of queries: borrowing Tensor, _ maskFeatures: Matrix, _ execution: Execution
  ) -> AttentionMask {
    let logits = maskLogits(of: queries, maskFeatures, execution)
    return AttentionMask(logits: logits.matrix, execution)
  }

  /// The network's answer, copied out of the arena.
  func callAsFunction(
    _ queries: borrowing Tensor, _ maskFeatures: borrowing Tensor, _ execution: Execution, observer: StageObserver?
  ) throws -> Segments {
    let classes = classLogits(of: queries, execution)
    try observer?("pred_logits", .floats(classes.map))
    let masks = maskLogits(of: queries, maskFeatures.matrix, execution)
    try observer?("pred_masks", .floats(masks.map))
    return Segments(
      queries: classes.height, classes: classes.channels - 1, classLogits: Array(classes.elements),
      maskLogits: Constant(masks.elements), maskHeight: maskFeatures.height, maskWidth: maskFeatures.width)
  }

  /// Mask logits (queries, pixels).
  private func maskLogits(of queries: borrowing Tensor, _ pixels: Matrix, _ execution: Execution) -> Tensor {
    var embedding = normalize(queries, execution)
    for (index, linear) in maskEmbedding.enumerated() {
      embedding = linear(embedding, activation: index < maskEmbedding.count - 1 ? .relu : .none, execution)
    }
    let logits = execution.arena.matrix(rows: queries.height, columns: pixels.rows)
    matrixProduct(embedding.matrix, pixels, transposeB: true, into: logits.matrix, execution)
    return logits
  }

  private func normalize(_ queries: borrowing Tensor, _ execution: Execution) -> Tensor {
    let normalized = execution.arena.matrix(rows: queries.height, columns: queries.channels)
    decoderNorm(queries.matrix, into: normalized.matrix, execution)
    return normalized
  }
}
