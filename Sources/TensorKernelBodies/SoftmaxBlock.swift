/// One block of keys of an online softmax over all keys, for some queries of attention: scores become weights relative to
/// the running maximum (Milakov and Gimelshein, arXiv 1805.02867).
public struct SoftmaxBlock {
  /// (queries, keys).
  public var scores: FloatRows
  public var queries: Int
  public var keys: Int
  /// Whether this is the first block of keys.
  public var isFirst: Bool
  /// Row of the attention mask for each query, from this block's first key on, true where the key is masked; `nil` masks
  /// none.
  public var hidden: UnsafePointer<UnsafePointer<Bool>?>
  /// Running maximum of each query's scores.
  public var maxima: UnsafeMutablePointer<Float>
  /// Running sum of each query's weights.
  public var sums: UnsafeMutablePointer<Float>
  /// Weighted sum of the values so far, axes (queries, width).
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

  /// Turns scores into weights, and updates the running maxima and sums; rescales the output so far to the new maxima.
  @inlinable @inline(__always)
  public func update<Instructions: VectorInstructions>(_: Instructions.Type) {
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

  /// Sets the scores of masked keys to −∞. Neighbouring keys are mostly masked together: sixteen flags are tested at a
  /// time, and one by one only where they differ.
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

  /// After the last block: divides the output by the sum of the weights.
  @inlinable @inline(__always)
  public func finalize<Instructions: VectorInstructions>(_: Instructions.Type) {
    for query in 0..<queries { scale(output.row(query), count: width, by: 1 / sums[query], Instructions.self) }
  }
}
