import TensorCore
import TensorKernels

/// A layer, its weight and sampled rows of its input, on which the errors of quantization are measured.
///
/// A result is the product of rows and weight, without the bias: (rows, outputs).
struct SampledLayer: Sendable {
  let layer: LayerDescription
  /// Weight, (outputs, depth), in the order of the rows' elements.
  let weight: [Float]
  let bias: [Float]
  /// Sampled rows, (rows, depth).
  let rows: [Float]
  let rowCount: Int
  /// The result in fp32.
  let result: [Float]
  /// Sum of the squares of each column of `rows`, (depth).
  private let power: [Float]

  /// - Parameters:
  ///   - weight: In PyTorch's order.
  ///   - rows: Not empty.
  init(_ layer: LayerDescription, weight: [Float], bias: [Float], rows: [[Float]]) {
    self.layer = layer
    self.bias = bias
    self.weight = layer.rowOrder(weight)
    self.rows = rows.flatMap(\.self)
    rowCount = rows.count
    result = Self.product(self.rows, self.weight, depth: layer.depth)
    var power = [Float](repeating: 0, count: layer.depth)
    for row in rows {
      for index in power.indices { power[index] += row[index] * row[index] }
    }
    self.power = power
  }

  /// The weight in int8, each output clipped or not, whichever gives the smaller error of the result.
  func quantizedWeight() -> SymmetricWeight {
    let limits = SymmetricWeight.magnitudes(of: weight, outputs: layer.outputs)
    var chosen = SymmetricWeight(weight, limits: limits)
    let clipped = SymmetricWeight(
      weight, limits: limits.indices.map { limits[$0] * clippingShare($0, limit: limits[$0]) })
    let errors = errors(of: result(rows, chosen))
    let clippedErrors = self.errors(of: result(rows, clipped))
    for output in limits.indices where clippedErrors[output].spread < errors[output].spread {
      chosen.replace(output, from: clipped)
    }
    return chosen
  }

  private static let clippingShares: [Float] = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5]

  /// The fraction of its largest magnitude at which clipping an output's weights gives the smallest error, on the
  /// assumption that the columns of the rows are uncorrelated: squared errors of the terms then add up.
  private func clippingShare(_ output: Int, limit: Float) -> Float {
    let weights = weight[output * layer.depth..<(output + 1) * layer.depth]
    var best = (share: Float(1), error: Float.infinity)
    for share in Self.clippingShares {
      let scale = limit * share / SymmetricWeight.largest
      guard scale.isNormal else { return 1 }
      var error: Float = 0
      for (value, power) in zip(weights, power) {
        let steps = (value / scale).rounded(.toNearestOrEven)
        let difference = max(-SymmetricWeight.largest, min(steps, SymmetricWeight.largest)) * scale - value
        error += difference * difference * power
      }
      if error < best.error { best = (share, error) }
    }
    return best.share
  }

  /// The result with rows and weight quantized.
  func result(_ input: QuantizationParameters, _ weight: SymmetricWeight) -> [Float] {
    result(rows.map(input.rounded), weight)
  }

  private func result(_ rows: [Float], _ weight: SymmetricWeight) -> [Float] {
    Self.product(rows, weight.floats, depth: layer.depth)
  }

  /// What an output's error is on the mean, and how much it varies.
  struct OutputError {
    var mean: Double
    /// Sum of squares of what differs from the mean.
    var spread: Double
  }

  func errors(of quantized: [Float]) -> [OutputError] {
    moments { Double(quantized[$0]) - Double(result[$0]) }
  }

  /// Signal over noise, as a ratio of powers; what is the same in all rows is neither. Infinite without noise.
  func signalToNoise(_ errors: [OutputError]) -> Double {
    let signal = moments { Double(result[$0]) }.reduce(0) { $0 + $1.spread }
    let noise = errors.reduce(0) { $0 + $1.spread }
    return noise > 0 ? signal / noise : .infinity
  }

  private func moments(_ value: (Int) -> Double) -> [OutputError] {
    let outputs = layer.outputs
    var sums = [Double](repeating: 0, count: outputs)
    for index in result.indices { sums[index % outputs] += value(index) }
    var moments = sums.map { OutputError(mean: $0 / Double(rowCount), spread: 0) }
    for index in result.indices {
      let difference = value(index) - moments[index % outputs].mean
      moments[index % outputs].spread += difference * difference
    }
    return moments
  }

  private static let oneThread = WorkerPool.shared(threads: 1)

  private static func product(_ rows: [Float], _ weight: [Float], depth: Int) -> [Float] {
    let (count, outputs) = (rows.count / depth, weight.count / depth)
    return [Float](unsafeUninitializedCapacity: count * outputs) { buffer, initialized in
      rows.withUnsafeBufferPointer { rows in
        weight.withUnsafeBufferPointer { weight in
          guard let rows = rows.baseAddress, let weight = weight.baseAddress, let base = buffer.baseAddress else {
            return
          }
          matrixProduct(
            Matrix(UnsafeMutablePointer(mutating: rows), rows: count, columns: depth),
            Matrix(UnsafeMutablePointer(mutating: weight), rows: outputs, columns: depth), transposeB: true,
            into: Matrix(base, rows: count, columns: outputs), ExecutionContext(arena: Arena(), pool: oneThread))
        }
      }
      initialized = count * outputs
    }
  }
}

extension LayerDescription {
  /// Elements of a convolution's kernel; 1 for other layers.
  package var taps: Int { shape.dropFirst(2).reduce(1, *) }

  /// From PyTorch's order (outputs, inputs, taps) to that of rows: (outputs, taps, inputs).
  package func rowOrder(_ weight: [Float]) -> [Float] { transposed(weight, shape[1], taps) }

  /// The other way round.
  package func fileOrder<Element>(_ values: [Element]) -> [Element] { transposed(values, taps, shape[1]) }

  private func transposed<Element>(_ values: [Element], _ outer: Int, _ inner: Int) -> [Element] {
    guard outer > 1, inner > 1 else { return values }
    return values.indices.map { index in
      let (output, place) = (index / depth, index % depth)
      return values[output * depth + place % outer * inner + place / outer]
    }
  }
}
