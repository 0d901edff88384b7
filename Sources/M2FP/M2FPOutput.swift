package import TensorCore
package import TensorKernels

/// What the network says of one image: one class distribution and one mask for each query.
package struct M2FPOutput: Sendable {
  package let queries: Int
  /// Classes without the "no object" column.
  package let classes: Int
  /// Axes (queries, classes + 1); the last column is "no object".
  package let predLogits: [Float]
  /// Axes (queries, maskHeight, maskWidth).
  package let predMasks: Constant<Float>
  package let maskHeight: Int
  package let maskWidth: Int

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

/// How the photo lies in the network's input.
package struct InputGeometry: Sendable {
  /// Size of the network's input; masks are brought to it first.
  package let paddedHeight: Int
  package let paddedWidth: Int
  /// The part of the input that shows the photo: all but the padding, or the crop box of a single human.
  package let rows: Range<Int>
  package let columns: Range<Int>
  /// Size of the photo itself.
  package let sourceHeight: Int
  package let sourceWidth: Int

  /// - Precondition: All sizes are positive; the photo's part is not empty and lies within the input.
  package init(
    paddedHeight: Int, paddedWidth: Int, rows: Range<Int>, columns: Range<Int>, sourceHeight: Int, sourceWidth: Int
  ) {
    precondition(!rows.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= paddedHeight, "rows within the input")
    precondition(
      !columns.isEmpty && columns.lowerBound >= 0 && columns.upperBound <= paddedWidth, "columns within the input")
    precondition(sourceHeight > 0 && sourceWidth > 0, "a photo has pixels")
    self.paddedHeight = paddedHeight
    self.paddedWidth = paddedWidth
    self.rows = rows
    self.columns = columns
    self.sourceHeight = sourceHeight
    self.sourceWidth = sourceWidth
  }
}

/// How segments become a result: the part of `configuration.json` that concerns it.
package struct InferenceOptions: Sendable {
  /// `parsing_ins_score_thr`: parts below it stay out of the semantic map.
  package var parsingScoreThreshold: Float
  /// `parsing_on`: parts and people as instances.
  package var parsingOn: Bool
  /// `semantic_on`: a semantic map without instances.
  package var semanticOn: Bool
  /// `single_human`: the photo was fitted into the middle of the input.
  package var singleHuman: Bool
  /// `sem_seg_postprocess_before_inference`: masks are brought to the photo's size before they become probabilities.
  package var postprocessBeforeInference: Bool
  /// `classes`: names, at most 256.
  package var classes: [String]
  /// `num_parsing`: number of background and part classes, and the index of the class "human" after them.
  package var numParsing: Int

  package init(
    parsingScoreThreshold: Float, parsingOn: Bool, semanticOn: Bool, singleHuman: Bool,
    postprocessBeforeInference: Bool, classes: [String], numParsing: Int
  ) {
    self.parsingScoreThreshold = parsingScoreThreshold
    self.parsingOn = parsingOn
    self.semanticOn = semanticOn
    self.singleHuman = singleHuman
    self.postprocessBeforeInference = postprocessBeforeInference
    self.classes = classes
    self.numParsing = numParsing
  }
}
