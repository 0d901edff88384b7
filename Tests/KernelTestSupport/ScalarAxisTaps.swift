extension Scalar {
  /// One axis resampled by a matrix: weights (outputs, inputs) times values.
  package static func resampled(_ values: [Float], by matrix: [[Double]]) -> [Float] {
    matrix.map { weights in Float(zip(weights, values).reduce(0.0) { $0 + $1.0 * Double($1.1) }) }
  }

  /// The matrix (outputs, inputs) of a bilinear step, pixel centres at half-integers, the border repeated.
  package static func bilinearMatrix(from inputs: Int, to outputs: Int) -> [[Double]] {
    (0..<outputs).map { output in
      let center = max((Double(output) + 0.5) * Double(inputs) / Double(outputs) - 0.5, 0)
      let first = min(Int(center), inputs - 1)
      var weights = Array(repeating: 0.0, count: inputs)
      weights[first] += 1 - (center - Double(first))
      weights[min(first + 1, inputs - 1)] += center - Double(first)
      return weights
    }
  }

  /// One step after the other: a (middle, inputs), then b (outputs, middle).
  package static func composed(_ a: [[Double]], then b: [[Double]]) -> [[Double]] {
    b.map { row in
      (a.first ?? []).indices.map { input in zip(row, a).reduce(0.0) { $0 + $1.0 * $1.1[input] } }
    }
  }
}
