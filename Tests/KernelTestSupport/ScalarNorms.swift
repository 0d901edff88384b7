extension Scalar {
  /// Layer normalization of each row of x (rows, columns).
  package static func layerNorm(_ x: [Float], weight: [Float], bias: [Float], epsilon: Float) -> [Float] {
    let columns = weight.count
    var y: [Float] = []
    for start in stride(from: 0, to: x.count, by: columns) {
      let row = x[start..<start + columns].map(Double.init)
      let (mean, deviation) = moments(row, epsilon: Double(epsilon))
      for (column, value) in row.enumerated() {
        y.append(Float((value - mean) / deviation * Double(weight[column]) + Double(bias[column])))
      }
    }
    return y
  }

  /// Group normalization of x (tokens, channels).
  package static func groupNorm(
    _ x: [Float], groups: Int, weight: [Float], bias: [Float], epsilon: Float, relu: Bool
  ) -> [Float] {
    let channels = weight.count
    let members = channels / groups
    var y = x
    for group in 0..<groups {
      let places = stride(from: group * members, to: x.count, by: channels).flatMap { $0..<$0 + members }
      let (mean, deviation) = moments(places.map { Double(x[$0]) }, epsilon: Double(epsilon))
      for place in places {
        let channel = place % channels
        let value = Float((Double(x[place]) - mean) / deviation * Double(weight[channel]) + Double(bias[channel]))
        y[place] = relu ? max(value, 0) : value
      }
    }
    return y
  }

  private static func moments(_ values: [Double], epsilon: Double) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, (variance + epsilon).squareRoot())
  }
}
