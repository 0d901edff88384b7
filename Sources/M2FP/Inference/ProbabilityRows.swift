import TensorCore
import TensorKernels

/// Computes rows of class probabilities from the masks of all queries, with the scratch buffers of one thread.
final class MixtureRows {
  private let output: M2FPOutput
  private let weights: Constant<Float>
  private let upsamplers: [PlaneUpsampler]
  private let support: PlaneSupport
  private let width: Int
  /// Axes (query, column).
  private let masks: RowBuffer
  private let context = ExecutionContext(arena: Arena(), pool: .shared(threads: 1), arithmetic: .reproducible)

  init(
    _ output: M2FPOutput, weights: Constant<Float>, rows: AxisInterpolationWeights, columns: AxisInterpolationWeights
  ) {
    self.output = output
    self.weights = weights
    upsamplers = (0..<output.queries).map { _ in PlaneUpsampler(rows: rows, columns: columns) }
    support = PlaneSupport(everywhereOn: rows, columns)
    width = columns.outputCount
    masks = RowBuffer(count: output.queries * width)
  }

  /// Starts a run of consecutive rows.
  func begin() {
    for (query, upsampler) in upsamplers.enumerated() { upsampler.begin(output.mask(query), support: support) }
  }

  /// Writes the probabilities of row `y`, axes (class, column).
  func mix(_ y: Int, into target: Matrix) {
    for (query, upsampler) in upsamplers.enumerated() {
      let row = masks.pointer + query * width
      logistic(row, in: upsampler.row(y, into: row))
    }
    matrixProduct(
      Matrix(weights, rows: output.classes, columns: output.queries),
      Matrix(masks.pointer, rows: output.queries, columns: width),
      transposeB: false, into: target, context)
  }
}

/// Computes rows of class probabilities at the photo's size from either form of `ClassProbabilities`, with the scratch
/// buffers of one thread.
final class ProbabilityRows {
  private enum Source {
    case planes(Constant<Float>, upsamplers: [PlaneUpsampler], support: PlaneSupport)
    case mixtures(MixtureRows)
  }

  private let source: Source
  private let classes: Int
  private let width: Int
  private let buffer: RowBuffer

  init(_ probabilities: ClassProbabilities) {
    classes = probabilities.classes
    width = probabilities.columns.outputCount
    buffer = RowBuffer(count: classes * width)
    switch probabilities {
    case .planes(let planes, let classes, let rows, let columns):
      let upsamplers = (0..<classes).map { _ in PlaneUpsampler(rows: rows, columns: columns) }
      source = .planes(planes, upsamplers: upsamplers, support: PlaneSupport(everywhereOn: rows, columns))
    case .mixtures(let output, let weights, let rows, let columns):
      source = .mixtures(MixtureRows(output, weights: weights, rows: rows, columns: columns))
    }
  }

  /// Starts a run of consecutive rows.
  func begin() {
    switch source {
    case .planes(let planes, let upsamplers, let support):
      for (index, upsampler) in upsamplers.enumerated() {
        let size = upsampler.rows.inputCount * upsampler.columns.inputCount
        upsampler.begin(CoarsePlane(planes, at: index * size), support: support)
      }
    case .mixtures(let rows): rows.begin()
    }
  }

  /// The probabilities of row `y`, axes (class, column); valid until the next call.
  func row(_ y: Int) -> Matrix {
    let matrix = Matrix(buffer.pointer, rows: classes, columns: width)
    switch source {
    case .planes(_, let upsamplers, _):
      for (index, upsampler) in upsamplers.enumerated() { _ = upsampler.row(y, into: matrix.row(index)) }
    case .mixtures(let rows): rows.mix(y, into: matrix)
    }
    return matrix
  }
}
