/// The scores of some queries with a block of keys, which become attention's weights: a softmax over all keys, taken block
/// by block relative to the largest score so far (Milakov and Gimelshein, arXiv 1805.02867).
public struct SoftmaxBlock {
  /// (queries, keys).
  public var scores: FloatRows
  public var queries: Int
  public var keys: Int
  /// Whether there was no block before this one.
  public var isFirst: Bool
  /// For each query where it is said, for the keys of this block and those behind them, which are hidden from it; nil
  /// hides none.
  public var hidden: UnsafePointer<UnsafePointer<Bool>?>
  /// The largest score of each query so far.
  public var maxima: UnsafeMutablePointer<Float>
  /// The sum of each query's weights so far.
  public var sums: UnsafeMutablePointer<Float>
  /// (queries, width): what was weighed so far.
  public var output: FloatRows
  public var width: Int

  @inlinable
  public init(
    scores: FloatRows, queries: Int, keys: Int, isFirst: Bool, hidden: UnsafePointer<UnsafePointer<Bool>?>,
    maxima: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>, output: FloatRows, width: Int
  ) {
    self.scores = scores
    self.queries = queries
    self.keys = keys
    self.isFirst = isFirst
    self.hidden = hidden
    self.maxima = maxima
    self.sums = sums
    self.output = output
    self.width = width
  }

  /// Turns scores into weights, and brings maxima, sums and what was weighed before up to date.
  @inlinable @inline(__always)
  public func weigh<Instructions: VectorInstructions>(_: Instructions.Type) {
    for query in 0..<queries {
      let row = scores.row(query)
      if let hidden = hidden[query] { hide(row, hidden) }
      let largest = maximum(row, count: keys)
      if largest == -.infinity {
        row.update(repeating: 0, count: keys)
        continue
      }
      if maxima[query] < largest {
        let factor = exponential(SIMD4(repeating: maxima[query] - largest), Instructions.self).x
        if !isFirst { scale(output.row(query), count: width, by: factor, Instructions.self) }
        sums[query] *= factor
        maxima[query] = largest
      }
      sums[query] += exponentiate(row, count: keys, subtracting: maxima[query], Instructions.self)
    }
  }

  /// Neighbours are mostly hidden together: sixteen flags at a time, one by one only where they differ.
  @inlinable @inline(__always)
  func hide(_ row: UnsafeMutablePointer<Float>, _ hidden: UnsafePointer<Bool>) {
    var index = 0
    while index &+ 16 <= keys {
      let flags = UnsafeRawPointer(hidden + index).loadUnaligned(as: SIMD2<UInt64>.self)
      if flags.x & flags.y == 0x0101_0101_0101_0101 {
        SIMD16<Float>(repeating: -.infinity).store(to: row + index)
      } else if flags.x | flags.y != 0 {
        for key in index..<index &+ 16 where hidden[key] { row[key] = -.infinity }
      }
      index &+= 16
    }
    while index < keys {
      if hidden[index] { row[index] = -.infinity }
      index &+= 1
    }
  }

  /// After the last block: what was weighed, over the sum of its weights.
  @inlinable @inline(__always)
  public func finish<Instructions: VectorInstructions>(_: Instructions.Type) {
    for query in 0..<queries { scale(output.row(query), count: width, by: 1 / sums[query], Instructions.self) }
  }
}
