import COpenBLAS

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
  /// Weight of the penalty on changes of the weights, relative to the mean variance of the elements that are left.
  package static let damping = 1e-3

  package init(covariance: Covariance, kept: [Int]) {
    self.covariance = covariance
    self.kept = kept
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
    let targets = product(all, inputs, rows: outputs, columns: count, depth: depth)
    var system = covariance.block(kept, kept)
    let responses = product(start, system, rows: outputs, columns: count, depth: count)
    let trace = kept.reduce(0) { $0 + covariance.variance($1) }
    let penalty = max(trace / Double(max(count, 1)) * Self.damping, .leastNormalMagnitude)
    for index in 0..<count { system[index * count + index] += penalty }
    var solution = zip(targets, start).map { $0 + penalty * $1 }
    guard solve(&system, &solution, order: count, rightHandSides: outputs) else { return nil }
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
    let variances = product(weight, everything, rows: outputs, columns: depth, depth: depth)
    let left = covariance.block(kept, kept)
    let fittedResponses = product(fitted, left, rows: outputs, columns: count, depth: count)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let variance = dot(weight, variances)
    return Loss(
      fitted: max(variance - 2 * dot(fitted, targets) + dot(fitted, fittedResponses), 0),
      unfitted: max(variance - 2 * dot(start, targets) + dot(start, responses), 0), variance: variance)
  }

  /// a · bᵀ of row-major matrices (rows, depth) and (columns, depth).
  private func product(_ a: [Double], _ b: [Double], rows: Int, columns: Int, depth: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rows * columns)
    guard rows > 0, columns > 0, depth > 0 else { return result }
    let (m, n, k) = (Int32(rows), Int32(columns), Int32(depth))
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, a, k, b, k, 0, &result, n)
    return result
  }

  /// Solves a symmetric positive definite system by Cholesky's decomposition, in place: LAPACK's `dposv`.
  ///
  /// A row of `values` is a right-hand side, and in the end its solution.
  private func solve(_ system: inout [Double], _ values: inout [Double], order: Int, rightHandSides: Int) -> Bool {
    guard order > 0, rightHandSides > 0 else { return true }
    var (n, count, info) = (Int32(order), Int32(rightHandSides), Int32(0))
    var (leading, other) = (n, n)
    // A symmetric matrix is the same in Fortran's order of axes; the rows of `values` are columns there.
    dposv_("L", &n, &count, &system, &leading, &values, &other, &info)
    return info == 0 && values.allSatisfy(\.isFinite)
  }
}
