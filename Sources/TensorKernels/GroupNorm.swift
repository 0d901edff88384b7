package import TensorCore
import TensorKernelBodies

/// Group normalization over all tokens and each group of channels, as PyTorch's `nn.GroupNorm` (Wu and He,
/// arXiv 1803.08494).
///
/// Means and sums of squares are taken block by block, each around its own mean, and merged in double precision (Chan
/// et al., "Updating formulae and a pairwise algorithm for computing sample variances"): the result does not depend on
/// the number of threads or on the instruction set, and a large mean costs no accuracy.
package struct GroupNorm: Sendable {
  private let groups: Int
  private let weight: Constant<Float>
  private let bias: Constant<Float>
  private let epsilon: Float

  /// - Parameters:
  ///   - groups: Number of groups; divides the number of channels.
  ///   - weight: (channels), multiplied with the normalized values.
  ///   - bias: (channels), added last.
  ///   - epsilon: Added to the variance.
  package init(groups: Int, weight: Constant<Float>, bias: Constant<Float>, epsilon: Float = 1e-5) {
    precondition(groups > 0 && weight.count % groups == 0 && bias.count == weight.count)
    self.groups = groups
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  private var channels: Int { weight.count }

  /// Floats that a block holds: they stay in L2 between its two passes.
  private static let blockSize = 32_768

  /// y = activation(norm(x)), both (tokens, channels); y may be x.
  package func callAsFunction(_ x: Matrix, into y: Matrix, activation: Activation = .none, _ context: ExecutionContext)
  {
    assert(x.columns == channels && y.columns == channels && y.rows == x.rows)
    guard x.rows > 0 else { return }
    let kernels = context.instructions.kernels
    let blockRows = max(Self.blockSize / channels, 1)
    let blocks = (x.rows + blockRows - 1) / blockRows
    let moments = context.arena.matrix(rows: blocks, columns: 2 * channels)
    let transform = context.arena.matrix(rows: 2, columns: channels)
    let (momentRows, transformRows) = (moments.matrix, transform.matrix)
    context.pool.forEach(blocks, sharing: (kernels, x, blockRows, momentRows)) { block, _, shared in
      let (kernels, x, blockRows, momentRows) = shared
      let (rows, means) = (x.block(block, rows: blockRows), momentRows.row(block))
      kernels.channelMoments(
        ChannelMoments(
          x: rows.floatRows, rows: rows.rows, channels: x.columns, means: means, squares: means + x.columns))
    }
    for group in 0..<groups {
      findTransform(
        ofGroup: group, momentRows, blockRows: blockRows, rows: x.rows, scale: transformRows.row(0),
        shift: transformRows.row(1))
    }
    let appliesReLU = if case .relu = activation { true } else { false }
    // Backwards: what was measured last is still in cache.
    context.pool.forEach(blocks, sharing: (kernels, x, y, blockRows, blocks, transformRows, appliesReLU)) {
      index, _, shared in
      let (kernels, x, y, blockRows, blocks, transform, appliesReLU) = shared
      let rows = x.block(blocks - 1 - index, rows: blockRows)
      kernels.channelTransform(
        ChannelTransform(
          x: rows.floatRows, y: y.block(blocks - 1 - index, rows: blockRows).floatRows, rows: rows.rows,
          channels: x.columns, scale: transform.row(0), shift: transform.row(1), appliesReLU: appliesReLU))
    }
  }

  /// Merges the blocks' moments of a group's channels into y = x · scale + shift.
  private func findTransform(
    ofGroup group: Int, _ moments: Matrix, blockRows: Int, rows: Int, scale: UnsafeMutablePointer<Float>,
    shift: UnsafeMutablePointer<Float>
  ) {
    let members = group * (channels / groups)..<(group + 1) * (channels / groups)
    let count = Double(rows * members.count)
    func size(_ block: Int) -> Double { Double(min(blockRows, rows - block * blockRows)) }
    var sum = 0.0
    for block in 0..<moments.rows {
      let row = moments.row(block)
      sum += members.reduce(0.0) { $0 + Double(row[$1]) } * size(block)
    }
    let mean = sum / count
    var squares = 0.0
    for block in 0..<moments.rows {
      let row = moments.row(block)
      var distances = 0.0
      for channel in members {
        let distance = Double(row[channel]) - mean
        distances += distance * distance
        squares += Double(row[channels + channel])
      }
      squares += distances * size(block)
    }
    let inverse = 1 / (squares / count + Double(epsilon)).squareRoot()
    for channel in members {
      let factor = inverse * Double(weight.pointer[channel])
      scale[channel] = Float(factor)
      shift[channel] = Float(Double(bias.pointer[channel]) - mean * factor)
    }
  }
}
