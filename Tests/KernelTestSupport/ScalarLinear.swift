/// The plain truth about every kernel: loops over arrays, sums in double precision, to hold the fast ones against.
package enum Scalar {
  /// A (rows, depth) · B (depth, columns), or · Bᵀ with B (columns, depth).
  package static func matrixProduct(
    _ a: [Float], _ b: [Float], rows: Int, depth: Int, columns: Int, transposeB: Bool
  ) -> [Float] {
    var c = [Float](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for index in 0..<depth {
          let right = transposeB ? b[column * depth + index] : b[index * columns + column]
          sum += Double(a[row * depth + index]) * Double(right)
        }
        c[row * columns + column] = Float(sum)
      }
    }
    return c
  }

  /// x (rows, inputs) · Wᵀ + bias, W (outputs, inputs).
  package static func linear(
    _ x: [Float], weight: [Float], bias: [Float]?, rows: Int, inputs: Int, outputs: Int
  ) -> [Float] {
    let y = matrixProduct(x, weight, rows: rows, depth: inputs, columns: outputs, transposeB: true)
    guard let bias else { return y }
    return y.enumerated().map { $1 + bias[$0 % outputs] }
  }

  /// What follows a layer's products: the residual, then max(x, 0).
  package static func finish(_ y: [Float], residual: [Float]?, relu: Bool) -> [Float] {
    y.enumerated().map { index, value in
      let sum = value + (residual?[index] ?? 0)
      return relu ? max(sum, 0) : sum
    }
  }
}
