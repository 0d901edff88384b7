package import TensorCore
import TensorKernels

/// A class that is the most likely one at some pixels.
package struct SemanticClass: Sendable {
  package let category: Int
  /// ModelScope's score of a class: the logistic function of its probability, summed over its pixels, by area + 1.
  package let score: Float
  /// Number of its pixels.
  package let area: Int
  /// Smallest ranges of rows and columns that hold its pixels.
  package let rows: Range<Int>
  package let columns: Range<Int>
}

/// The semantic map of an image without instances: M2FP's inference for single humans.
///
/// A class's probability at a pixel is the sum over queries of class probability × logistic(mask logit)
/// (`M2FP.semantic_inference`); the result equals ModelScope's in either order of resizing.
package struct SemanticInference: Sendable {
  /// The most likely class of each pixel, the first of equals; axes (sourceHeight, sourceWidth).
  package let labels: [UInt8]
  /// The classes that occur, by index.
  package let classes: [SemanticClass]
  /// Class probabilities at every pixel.
  package let probabilities: ClassProbabilities

  package init(_ output: M2FPOutput, geometry: InputGeometry, options: InferenceOptions, pool: WorkerPool) {
    probabilities = ClassProbabilities(output, geometry: geometry, options: options, pool: pool)
    let decision = SemanticDecision(probabilities, pool: pool)
    labels = decision.labels
    classes = decision.classes
  }
}
