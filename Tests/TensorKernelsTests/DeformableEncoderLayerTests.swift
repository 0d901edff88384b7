import TensorCore
import TensorKernels
import TestSupport
import Testing

/// The layer in blocks against its parts one after another on whole arrays.
@Suite(.timeLimit(.minutes(10))) struct DeformableEncoderLayerTests {
  struct Shape: Sendable, CustomStringConvertible {
    var levels: [[Int]]
    var heads: Int
    var width: Int
    var points: Int
    var hidden: Int
    var description: String { "levels \(levels), \(heads) heads of \(width), \(points) points, \(hidden) hidden" }
  }

  /// One token, fewer than a block, whole blocks and a rest.
  static let shapes = [
    Shape(levels: [[1, 1]], heads: 1, width: 3, points: 1, hidden: 5),
    Shape(levels: [[2, 3], [5, 7]], heads: 2, width: 4, points: 2, hidden: 9),
    Shape(levels: [[3, 5], [6, 10], [12, 20]], heads: 4, width: 16, points: 4, hidden: 33),
    Shape(levels: [[9, 11], [17, 23]], heads: 3, width: 21, points: 3, hidden: 70),
  ]

  @Test(arguments: shapes) func agreesWithScalar(_ shape: Shape) {
    var random = SeededGenerator(shape.hidden)
    let (tokens, channels) = (shape.levels.reduce(0) { $0 + $1[0] * $1[1] }, shape.heads * shape.width)
    let samples = shape.heads * shape.levels.count * shape.points
    let x = random.floats(tokens * channels)
    let position = random.floats(tokens * channels)
    let offsets = Layer(channels, samples * 2, &random)
    let weights = Layer(channels, samples, &random)
    let value = Layer(channels, channels, &random)
    let output = Layer(channels, channels, &random)
    let (first, second) = (Layer(channels, shape.hidden, &random), Layer(shape.hidden, channels, &random))
    let norms = (0..<2).map { _ in (random.floats(channels), random.floats(channels)) }

    let queries = zip(x, position).map { $0 + $1 }
    let sampled = Scalar.deformableAttention(
      value: value(x), levels: shape.levels.map { ($0[0], $0[1]) }, offsets: offsets(queries),
      logits: weights(queries), channels: channels, heads: shape.heads, points: shape.points)
    let attended = Scalar.layerNorm(
      zip(x, output(sampled)).map { $0 + $1 }, weight: norms[0].0, bias: norms[0].1, epsilon: 1e-5)
    let expected = Scalar.layerNorm(
      zip(attended, second(first(attended).map { max($0, 0) })).map { $0 + $1 }, weight: norms[1].0, bias: norms[1].1,
      epsilon: 1e-5)

    for backend in KernelBackend.available {
      let layer = DeformableEncoderLayer(
        heads: shape.heads, points: shape.points, samplingOffsets: offsets.linear(backend),
        attentionWeights: weights.linear(backend), valueProjection: value.linear(backend),
        outputProjection: output.linear(backend),
        norm1: LayerNorm(weight: Constant(norms[0].0), bias: Constant(norms[0].1)),
        feedForward: FeedForward(
          linear1: first.linear(backend), linear2: second.linear(backend),
          norm: LayerNorm(weight: Constant(norms[1].0), bias: Constant(norms[1].1))))
      let places = GuardedMatrix(rows: tokens, columns: channels, values: position)
      for threads in threadCounts {
        let source = GuardedMatrix(rows: tokens, columns: channels, values: x)
        layer(
          source.view, position: places.view, levels: shape.levels.map { LevelShape(height: $0[0], width: $0[1]) },
          ExecutionContext(arena: Arena(), pool: WorkerPool(threads: threads), backend: backend))
        expectClose(source.values, expected, shape: [tokens, channels], absolute: 2e-4)
        source.expectGuardsIntact()
      }
    }
  }

  /// A linear layer as arrays.
  private struct Layer {
    let inputs: Int
    let outputs: Int
    let weight: [Float]
    let bias: [Float]

    init(_ inputs: Int, _ outputs: Int, _ random: inout SeededGenerator) {
      (self.inputs, self.outputs) = (inputs, outputs)
      weight = random.floats(inputs * outputs).map { $0 / Float(inputs).squareRoot() }
      bias = random.floats(outputs)
    }

    func callAsFunction(_ x: [Float]) -> [Float] {
      Scalar.linear(x, weight: weight, bias: bias, rows: x.count / inputs, inputs: inputs, outputs: outputs)
    }

    func linear(_ backend: KernelBackend) -> Linear {
      Linear(
        weight: Constant(weight), bias: Constant(bias), inputs: inputs, outputs: outputs, backend: backend)
    }
  }
}
