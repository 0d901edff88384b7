/// Something that a forward pass has to compute: what its operations are counted by.
package struct NetworkOperation: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A square convolution, or a fully connected layer with a kernel of 1.
    case layer(kernel: Int)
    /// Scores and weighted sums of attention from the queries, which are the output, to the keys, which are the input;
    /// without projections.
    case attention
    /// Bilinear samples of each token and their weighted sums, without projections; the samples are those of a head.
    case deformableAttention(heads: Int, samples: Int)
    /// The product of each row of the output with each row of the input: the masks of queries.
    case product
  }

  package let kind: Kind
  package let input: TensorDescription
  package let output: TensorDescription
  /// The stage of the pass, under the names that `bench engine` prints.
  package let stage: String
}
