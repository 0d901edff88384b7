import HumanParsing
import KernelTestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct MinimumCostAssignmentTests {
  /// The best assignment by trying all: most pairs first, then the least cost.
  private func best(_ costs: [[Float?]], columns: Int) -> (pairs: Int, cost: Float) {
    func search(_ row: Int, _ used: Set<Int>) -> (pairs: Int, cost: Float) {
      guard row < costs.count else { return (0, 0) }
      var best = search(row + 1, used)
      for column in 0..<columns where !used.contains(column) {
        guard let cost = costs[row][column] else { continue }
        let rest = search(row + 1, used.union([column]))
        let candidate = (pairs: rest.pairs + 1, cost: rest.cost + cost)
        if candidate.pairs > best.pairs || (candidate.pairs == best.pairs && candidate.cost < best.cost) {
          best = candidate
        }
      }
      return best
    }
    return search(0, [])
  }

  @Test(arguments: 0..<60) func isTheBestOfAll(seed: Int) {
    var generator = SeededGenerator(seed)
    let (rows, columns) = (Int.random(in: 0...5, using: &generator), Int.random(in: 0...5, using: &generator))
    let costs = (0..<rows).map { _ in
      (0..<columns).map { _ in
        Int.random(in: 0..<4, using: &generator) == 0 ? nil : Float(Int.random(in: 0..<100, using: &generator))
      }
    }
    let assignment = minimumCostAssignment(rows: rows, columns: columns) { costs[$0][$1] }
    #expect(assignment.count == rows)
    let chosen = assignment.compactMap(\.self)
    #expect(Set(chosen).count == chosen.count)
    let pairs = assignment.enumerated().compactMap { row, column in column.flatMap { costs[row][$0] } }
    #expect(pairs.count == chosen.count)
    let expected = best(costs, columns: columns)
    #expect(pairs.count == expected.pairs)
    #expect(pairs.reduce(0, +) == expected.cost)
  }
}
