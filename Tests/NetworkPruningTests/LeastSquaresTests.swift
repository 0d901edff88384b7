import NetworkPruning
import OpenBLAS
import TestSupport
import Testing

/// The fit against the normal equations, solved by elimination.
@Suite(.timeLimit(.minutes(10))) struct LeastSquaresTests {
  private let library: OpenBLAS

  init() throws { library = try #require(OpenBLAS.shared) }

  /// Rows of correlated elements: (rows, depth).
  private func rows(_ count: Int, depth: Int, seed: Int) -> [Float] {
    var random = SeededGenerator(seed)
    let independent = random.floats(count * depth, in: -1...1)
    return independent.indices.map { index in
      index % depth == 0 ? independent[index] : 0.6 * independent[index - 1] + independent[index] + 0.3
    }
  }

  @Test(arguments: [(1, 1, 1), (5, 3, 2), (7, 7, 3), (13, 4, 1), (33, 20, 9)])
  func covariancesAreThoseOfTheRows(depth: Int, count: Int, parts: Int) {
    var covariance = Covariance(depth: depth)
    let values = rows(count * parts, depth: depth, seed: depth)
    for part in 0..<parts { covariance.add(Array(values[part * count * depth..<(part + 1) * count * depth]), library) }
    #expect(covariance.rows == count * parts)
    let total = Double(count * parts)
    for row in 0..<depth {
      let (x, mean) = column(values, row, depth)
      #expect(abs(covariance.mean(row) - mean) < 1e-5)
      for other in 0..<depth {
        let (y, otherMean) = column(values, other, depth)
        let expected = zip(x, y).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - otherMean) } / total
        #expect(abs(covariance[row, other] - expected) < 1e-5, "\(row), \(other)")
      }
    }
  }

  private func column(_ values: [Float], _ index: Int, _ depth: Int) -> (values: [Double], mean: Double) {
    let column = stride(from: index, to: values.count, by: depth).map { Double(values[$0]) }
    return (column, column.reduce(0, +) / Double(column.count))
  }

  /// An element that is a sum of two others can be left out without loss, and a constant one too.
  @Test func whatTheOthersExplainIsNotLost() throws {
    let depth = 4
    var random = SeededGenerator(3)
    let values = (0..<200).flatMap { _ -> [Float] in
      let (a, b) = (random.floats(1, in: 0...1)[0], random.floats(1, in: 0...1)[0])
      return [a, a + b, 0.5, b]
    }
    var covariance = Covariance(depth: depth)
    covariance.add(values, library)
    let weight: [Float] = [1, 2, 4, -1, 0.5, -1, 0, 3]
    let fit = try #require(LeastSquares(covariance: covariance, kept: [0, 3], library).fit(weight, [10, 20]))
    #expect(fit.loss.fitted < 1e-4 * fit.loss.variance)
    #expect(fit.loss.unfitted > 0.05 * fit.loss.variance)
    for row in stride(from: 0, to: values.count, by: depth) {
      for output in 0..<2 {
        let before = (0..<depth).reduce(Float([10, 20][output])) { $0 + weight[output * depth + $1] * values[row + $1] }
        let after =
          fit.bias[output] + fit.weight[output * 2] * values[row] + fit.weight[output * 2 + 1] * values[row + 3]
        #expect(abs(before - after) < 0.02)
      }
    }
  }

  /// At the minimum, the error does not correlate with what is left, but for the damping.
  @Test(arguments: [(5, [0, 2, 3]), (9, [1]), (12, Array(0..<12)), (31, Array(stride(from: 0, to: 31, by: 2)))])
  func theErrorIsLeast(depth: Int, kept: [Int]) throws {
    var covariance = Covariance(depth: depth)
    covariance.add(rows(300, depth: depth, seed: depth + 1), library)
    var random = SeededGenerator(depth)
    let weight = random.floats(3 * depth, in: -1...1)
    let fit = try #require(LeastSquares(covariance: covariance, kept: kept, library).fit(weight, [0, 0, 0]))
    #expect(fit.loss.fitted <= fit.loss.unfitted + 1e-6)
    let trace = kept.reduce(0) { $0 + covariance.variance($1) } / Double(kept.count)
    for output in 0..<3 {
      for (place, element) in kept.enumerated() {
        let before = (0..<depth).reduce(0) { $0 + Double(weight[output * depth + $1]) * covariance[element, $1] }
        let after = kept.indices.reduce(0) {
          $0 + Double(fit.weight[output * kept.count + $1]) * covariance[element, kept[$1]]
        }
        let change = Double(fit.weight[output * kept.count + place] - weight[output * depth + element])
        #expect(abs(before - after - LeastSquares.damping * trace * change) < 1e-4)
      }
    }
  }
}
