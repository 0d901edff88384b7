/// Options of inference: the part of `configuration.json` that says how the network's output becomes a result.
package struct InferenceOptions: Sendable {
  /// `parsing_ins_score_thr`: parts with a lower score are left out of the semantic map.
  package var parsingScoreThreshold: Float
  /// `person_score_thr`: people with a lower score are left out of results; ModelScope has one threshold for both.
  package var personScoreThreshold: Float
  /// `parsing_on`: parts and people as instances.
  package var parsingOn: Bool
  /// `semantic_on`: a semantic map without instances.
  package var semanticOn: Bool
  /// `single_human`: the photo was fitted into the middle of the input.
  package var singleHuman: Bool
  /// `sem_seg_postprocess_before_inference`: masks are resized to the photo before they become probabilities.
  package var postprocessBeforeInference: Bool
  /// `classes`: names, at most 256.
  package var classes: [String]
  /// `num_parsing`: number of background and part classes, and the index of the class "human" after them.
  package var numParsing: Int

  package init(
    parsingScoreThreshold: Float, personScoreThreshold: Float, parsingOn: Bool, semanticOn: Bool, singleHuman: Bool,
    postprocessBeforeInference: Bool, classes: [String], numParsing: Int
  ) {
    self.parsingScoreThreshold = parsingScoreThreshold
    self.personScoreThreshold = personScoreThreshold
    self.parsingOn = parsingOn
    self.semanticOn = semanticOn
    self.singleHuman = singleHuman
    self.postprocessBeforeInference = postprocessBeforeInference
    self.classes = classes
    self.numParsing = numParsing
  }
}

extension InferenceOptions {
  /// The options of a configuration.
  package init(_ model: Configuration.Model) {
    self.init(
      parsingScoreThreshold: model.parsingInstanceScoreThreshold, personScoreThreshold: model.personScoreThreshold,
      parsingOn: model.parsingOn, semanticOn: model.semanticOn, singleHuman: model.singleHuman,
      postprocessBeforeInference: model.semSegPostprocessBeforeInference, classes: model.classes,
      numParsing: model.numParsing)
  }
}
