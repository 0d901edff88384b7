package import TensorCore
import TensorKernelBodies

/// Group normalization over all tokens and each group of channels, as PyTorch's `nn.GroupNorm` (Wu and He,
/// arXiv 1803.08494).
///
/// Means and sums of squares are taken block by block, each around its own mean, and merged in double precision (Chan
/// et al., "Updating formulae and a pairwise algorithm for computing sample variances"): the result does not depend on
/// the number of threads, and a large mean costs no accuracy.
package struct GroupNorm: Sendable {
  private let groups: Int
  private let weight: Constant<Float>
  private let bias: Constant<Float>
  private let epsilon: Float

  /// - Parameters:
  ///   - groups: How many; divides the number of channels.
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
  package func callAsFunction(_ x: Matrix, into y: Matrix, activation: Activation = .none, _ execution: Execution) {
    assert(x.columns == channels && y.columns == channels && y.rows == x.rows)
    guard x.rows > 0 else { return }
    let blockRows = max(Self.blockSize / channels, 1)
    let blocks = (x.rows + blockRows - 1) / blockRows
    let moments = execution.arena.matrix(rows: blocks, columns: 2 * channels)
    let transform = execution.arena.matrix(rows: 2, columns: channels)
    let (momentRows, scale, shift) = (moments.matrix, transform.matrix.row(0), transform.matrix.row(1))
    execution.pool.forEach(blocks) { block, _ in
      let rows = x.rows(block * blockRows..<min((block + 1) * blockRows, x.rows))
      measureChannels(rows, means: momentRows.row(block), squares: momentRows.row(block) + channels)
    }
    for group in 0..<groups {
      findTransform(ofGroup: group, momentRows, blockRows: blockRows, rows: x.rows, scale: scale, shift: shift)
    }
    execution.pool.forEachRange(x.rows, grain: rowGrain(columns: channels)) { rows, _ in
      for row in rows {
        transformRow(x.row(row), into: y.row(row), count: channels, scale: scale, shift: shift, activation)
      }
    }
  }

  /// Merges the blocks' moments of a group's channels into y = x · scale + shift.
  private func findTransform(
    ofGroup group: Int, _ moments: Matrix, blockRows: Int, rows: Int, scale: UnsafeMutablePointer<Float>,
    shift: UnsafeMutablePointer<Float>
  ) {
    let members = group * (channels / groups)..<(group + 1) * (channels / groups)
    var (count, mean, squares) = (0.0, 0.0, 0.0)
    for block in 0..<moments.rows {
      let added = Double(min(blockRows, rows - block * blockRows))
      let row = moments.row(block)
      for channel in members {
        let difference = Double(row[channel]) - mean
        let total = count + added
        mean += difference * added / total
        squares += Double(row[channels + channel]) + difference * difference * count * added / total
        count = total
      }
    }
    let inverse = 1 / (squares / count + Double(epsilon)).squareRoot()
    for channel in members {
      let factor = inverse * Double(weight.pointer[channel])
      scale[channel] = Float(factor)
      shift[channel] = Float(Double(bias.pointer[channel]) - mean * factor)
    }
  }
}

/// The mean of each column, and the sum of squares around it.
private func measureChannels(
  _ x: Matrix, means: UnsafeMutablePointer<Float>, squares: UnsafeMutablePointer<Float>
) {
  let channels = x.columns
  means.update(repeating: 0, count: channels)
  squares.update(repeating: 0, count: channels)
  for row in 0..<x.rows { addRow(means, x.row(row), into: means, count: channels) }
  let inverse = 1 / Float(x.rows)
  mapRow(means, into: means, count: channels) { $0 * inverse }
  for row in 0..<x.rows {
    let values = x.row(row)
    var channel = 0
    while channel + 8 <= channels {
      let difference = values.load8(channel) - means.load8(channel)
      squares.store(squares.load8(channel) + difference * difference, channel)
      channel += 8
    }
    while channel < channels {
      let difference = values[channel] - means[channel]
      squares[channel] += difference * difference
      channel += 1
    }
  }
}

@inline(__always)
private func transformRow(
  _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int,
  scale: UnsafeMutablePointer<Float>, shift: UnsafeMutablePointer<Float>, _ activation: Activation
) {
  let rectifies = if case .relu = activation { true } else { false }
  var index = 0
  while index + 8 <= count {
    let value = x.load8(index) * scale.load8(index) + shift.load8(index)
    y.store(rectifies ? rectified(value) : value, index)
    index += 8
  }
  while index < count {
    let value = x[index] * scale[index] + shift[index]
    y[index] = rectifies && value < 0 ? 0 : value
    index += 1
  }
}
