import Glibc
package import TensorCore
import TensorKernelBodies

/// Scaled dot-product attention with heads side by side in the columns: softmax(Q · Kᵀ / √d) · V for each head, as
/// PyTorch's `nn.MultiheadAttention` between its projections (Vaswani et al., arXiv 1706.03762).
///
/// queries (Q, E); keys and values (K, E); output (Q, E), overlapping none of them; d = E / heads. The softmax is taken
/// over blocks of keys with a running maximum (Milakov and Gimelshein, arXiv 1805.02867), so that no more than
/// Q × 512 scores a thread exist at a time.
///
/// The mask (Q, K) is true where a key is hidden from a query, for all heads; a query from which every key is hidden
/// sees them all (the rule of Mask2Former, arXiv 2112.01527). Nil hides nothing.
package func attention(
  queries: Matrix, keys: Matrix, values: Matrix, heads: Int, mask: UnsafePointer<Bool>?, into output: Matrix,
  _ execution: Execution
) {
  precondition(heads > 0 && queries.columns % heads == 0)
  assert(keys.columns == queries.columns && values.columns == queries.columns && values.rows == keys.rows)
  assert(output.columns == queries.columns && output.rows == queries.rows)
  let head = AttentionHead(
    queries: queries, keys: keys, values: values, output: output, mask: mask, width: queries.columns / heads,
    instructions: execution.instructions)
  let queryBlocks = head.queryBlocks(heads: heads, threads: execution.pool.threads)
  let scratch = execution.scratch(perThread: head.scratchSize(queryBlocks: queryBlocks))
  let buffers = scratch.matrix
  execution.pool.forEach(heads * queryBlocks) { task, thread in
    let (index, block) = (task / queryBlocks, task % queryBlocks)
    let rows = queries.rows * block / queryBlocks..<queries.rows * (block + 1) / queryBlocks
    head(index, rows: rows, scratch: buffers.row(thread))
  }
}

/// The work of one head on a block of queries.
private struct AttentionHead {
  let queries: Matrix
  let keys: Matrix
  let values: Matrix
  let output: Matrix
  let mask: UnsafePointer<Bool>?
  /// Columns of one head.
  let width: Int
  let instructions: InstructionSet

  private static let keysAtOnce = 512
  /// Fewer queries than this are not worth packing the keys for.
  private static let fewestQueries = 16

  func queryBlocks(heads: Int, threads: Int) -> Int {
    let wanted = threads > 1 ? (2 * threads + heads - 1) / heads : 1
    return max(min(wanted, queries.rows / Self.fewestQueries), 1)
  }

  /// Scores of a block, then a running maximum and sum for each query.
  func scratchSize(queryBlocks: Int) -> Int {
    (queries.rows + queryBlocks - 1) / queryBlocks * (min(Self.keysAtOnce, keys.rows) + 2)
  }

  func callAsFunction(_ index: Int, rows: Range<Int>, scratch: UnsafeMutablePointer<Float>) {
    let columns = index * width..<(index + 1) * width
    let result = output.rows(rows).columns(columns)
    let maxima = scratch
    let sums = scratch + rows.count
    maxima.update(repeating: -.infinity, count: rows.count)
    sums.update(repeating: 0, count: rows.count)
    let scale = 1 / Float(width).squareRoot()
    for start in stride(from: 0, to: keys.rows, by: Self.keysAtOnce) {
      let block = start..<min(start + Self.keysAtOnce, keys.rows)
      let scores = Matrix(scratch + 2 * rows.count, rows: rows.count, columns: block.count)
      SingleThreadedBLAS.multiply(
        queries.rows(rows).columns(columns), keys.rows(block).columns(columns), transposeB: true, into: scores,
        scale: scale)
      for row in 0..<rows.count {
        let factor = weigh(
          scores.row(row), block, hidden: hiddenKeys(ofQuery: rows.lowerBound + row), maximum: &maxima[row],
          sum: &sums[row])
        if start > 0, factor != 1 { multiply(result.row(row), by: factor) }
      }
      SingleThreadedBLAS.multiply(
        scores, values.rows(block).columns(columns), transposeB: false, into: result, accumulate: start > 0)
    }
    for row in 0..<rows.count { multiply(result.row(row), by: keys.rows > 0 ? 1 / sums[row] : 0) }
  }

  private func multiply(_ row: UnsafeMutablePointer<Float>, by factor: Float) {
    mapRow(row, into: row, count: width) { $0 * factor }
  }

  /// The mask's row, or nil where it hides nothing or everything.
  private func hiddenKeys(ofQuery query: Int) -> UnsafePointer<Bool>? {
    guard let mask else { return nil }
    let row = mask + query * keys.rows
    return memchr(row, 0, keys.rows) == nil ? nil : row
  }

  /// Turns a block of a query's scores into weights relative to the largest score so far, brings the running sum up to
  /// date, and returns the factor by which what was summed before has shrunk.
  private func weigh(
    _ scores: UnsafeMutablePointer<Float>, _ block: Range<Int>, hidden: UnsafePointer<Bool>?,
    maximum runningMaximum: inout Float, sum: inout Float
  ) -> Float {
    if let hidden { hide(scores, hidden + block.lowerBound, count: block.count) }
    let largest = max(runningMaximum, maximum(scores, count: block.count))
    guard largest > -.infinity else {
      scores.update(repeating: 0, count: block.count)
      return 1
    }
    let factor = exponential(SIMD8(repeating: runningMaximum - largest), Portable.self)[0]
    sum = sum * factor + exponentiate(scores, count: block.count, subtracting: largest, instructions)
    runningMaximum = largest
    return factor
  }

  @inline(__always)
  private func hide(_ scores: UnsafeMutablePointer<Float>, _ hidden: UnsafePointer<Bool>, count: Int) {
    for index in 0..<count where hidden[index] { scores[index] = -.infinity }
  }
}
