import Platform

extension Scalar {
  /// Softmax of a row.
  package static func softmax(_ row: some Collection<Float>) -> [Double] {
    let largest = row.max().map(Double.init) ?? 0
    let powers = row.map { Double.exp(Double($0) - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// Softmax of each row of x (rows, columns).
  package static func softmaxRows(_ x: [Float], columns: Int) -> [Float] {
    stride(from: 0, to: x.count, by: columns).flatMap { softmax(x[$0..<$0 + columns]).map(Float.init) }
  }
}
