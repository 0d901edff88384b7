package import OpenBLAS

/// Weights of a layer that loses some of its inputs, fitted so that its result changes least.
package struct LeastSquares {
  /// Variance of the result that the fit does not explain, and without a fit, summed over outputs; and all of it.
  package struct Loss {
    package var fitted = 0.0
    package var unfitted = 0.0
    package var variance = 0.0
  }

  let covariance: Covariance
  /// Elements of a row that are left, ascending.
  let kept: [Int]
  private let library: OpenBLAS
  /// Weight of the penalty on changes of the weights, relative to the mean variance of the elements that are left.
  package static let damping = 1e-3

  package init(covariance: Covariance, kept: [Int], _ library: OpenBLAS) {
    self.covariance = covariance
    self.kept = kept
    self.library = library
  }

  /// Minimizes E(w' · x[kept] + b' − w · x − b)² + λ · |w' − w[kept]|² for each output.
  ///
  /// - Parameters:
  ///   - weight: (outputs, depth).
  ///   - bias: (outputs).
  /// - Returns: Weight (outputs, kept.count) and bias; `nil` where the system has no solution, as with infinite inputs.
  package func fit(_ weight: [Float], _ bias: [Float]) -> (weight: [Float], bias: [Float], loss: Loss)? {
    let (depth, count, outputs) = (covariance.depth, kept.count, bias.count)
    let all = weight.map(Double.init)
    let start = selected(all)
    // Covariances of what is left with everything: (count, depth).
    let inputs = covariance.block(kept, Array(0..<depth))
    // … and with the result: (outputs, count).
    let targets = library.product(all, inputs, rows: outputs, columns: count, depth: depth)
    var system = covariance.block(kept, kept)
    let responses = library.product(start, system, rows: outputs, columns: count, depth: count)
    let trace = kept.reduce(0) { $0 + covariance.variance($1) }
    let penalty = max(trace / Double(max(count, 1)) * Self.damping, .leastNormalMagnitude)
    for index in 0..<count { system[index * count + index] += penalty }
    var solution = zip(targets, start).map { $0 + penalty * $1 }
    guard library.solve(&system, &solution, order: count, rightHandSides: outputs) else { return nil }
    let loss = loss(all, start, solution, targets: targets, responses: responses, outputs: outputs)
    let fittedBias = (0..<outputs).map { output in
      let before = (0..<depth).reduce(0) { $0 + all[output * depth + $1] * covariance.mean($1) }
      let after = kept.indices.reduce(0) { $0 + solution[output * count + $1] * covariance.mean(kept[$1]) }
      return Float(Double(bias[output]) + before - after)
    }
    return (solution.map { Float($0) }, fittedBias, loss)
  }

  /// The weights of the elements that are left: (outputs, kept.count).
  func selected<Element>(_ weight: [Element]) -> [Element] {
    stride(from: 0, to: weight.count, by: covariance.depth).flatMap { row in kept.map { weight[row + $0] } }
  }

  /// E(w' · x − w · x)², centered, is w·C·w − 2·w'·targets + w'·C·w'.
  private func loss(
    _ weight: [Double], _ start: [Double], _ fitted: [Double], targets: [Double], responses: [Double], outputs: Int
  ) -> Loss {
    let (depth, count) = (covariance.depth, kept.count)
    let everything = covariance.block(Array(0..<depth), Array(0..<depth))
    let variances = library.product(weight, everything, rows: outputs, columns: depth, depth: depth)
    let left = covariance.block(kept, kept)
    let fittedResponses = library.product(fitted, left, rows: outputs, columns: count, depth: count)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let variance = dot(weight, variances)
    return Loss(
      fitted: max(variance - 2 * dot(fitted, targets) + dot(fitted, fittedResponses), 0),
      unfitted: max(variance - 2 * dot(start, targets) + dot(start, responses), 0), variance: variance)
  }
}
