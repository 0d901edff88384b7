package import TensorCore
package import TensorKernels

/// Output of the network for one image: class logits and a mask for each query.
package struct M2FPOutput: Sendable {
  package let queries: Int
  /// Number of classes, without the "no object" column.
  package let classes: Int
  /// Axes (queries, classes + 1); the last column is "no object".
  package let predLogits: [Float]
  /// Axes (queries, maskHeight, maskWidth).
  package let predMasks: Constant<Float>
  package let maskHeight: Int
  package let maskWidth: Int
  /// The decoder's final queries after its last layer norm, axes (queries, hidden_dim), by which a person is known again
  /// in another frame (MinVIS, arXiv 2208.02245); empty if nobody kept them.
  package var queryEmbeddings: [Float] = []

  /// - Precondition: The counts of values fit the sizes, which are positive.
  package init(
    queries: Int, classes: Int, predLogits: [Float], predMasks: Constant<Float>, maskHeight: Int, maskWidth: Int
  ) {
    precondition(predLogits.count == queries * (classes + 1), "one row of class logits a query")
    precondition(predMasks.count == queries * maskHeight * maskWidth, "one mask a query")
    self.queries = queries
    self.classes = classes
    self.predLogits = predLogits
    self.predMasks = predMasks
    self.maskHeight = maskHeight
    self.maskWidth = maskWidth
  }

  /// The mask logits of one query, axes (maskHeight, maskWidth).
  package func mask(_ query: Int) -> CoarsePlane { CoarsePlane(predMasks, at: query * maskHeight * maskWidth) }

  /// The final embedding of one query, `hidden_dim` values; empty if embeddings were not kept.
  package func embedding(_ query: Int) -> ArraySlice<Float> {
    let count = queryEmbeddings.count / queries
    return queryEmbeddings[query * count..<(query + 1) * count]
  }

  /// Softmax over classes, without the "no object" column; axes (queries, classes).
  package func classProbabilities() -> [Float] {
    var probabilities: [Float] = []
    probabilities.reserveCapacity(queries * classes)
    for query in 0..<queries {
      var powers = Array(predLogits[query * (classes + 1)..<(query + 1) * (classes + 1)])
      let sum = exponentiate(&powers, count: powers.count, subtracting: powers.max() ?? 0, .best)
      for power in powers.dropLast() { probabilities.append(power / sum) }
    }
    return probabilities
  }
}
