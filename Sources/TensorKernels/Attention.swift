import Platform
package import TensorCore
import TensorKernelBodies

/// Scaled dot-product attention with heads side by side in the columns: softmax(Q · Kᵀ / √d) · V for each head, as
/// PyTorch's `nn.MultiheadAttention` between its projections (Vaswani et al., arXiv 1706.03762).
///
/// queries (Q, E); keys and values (K, E); output (Q, E), overlapping none of them; d = E / heads. The softmax is taken
/// over blocks of keys with a running maximum (Milakov and Gimelshein, arXiv 1805.02867), so that no more than
/// Q × 512 scores a thread exist at a time.
///
/// The mask (Q, K) is true where a key is masked for a query, in all heads; a query whose keys are all masked attends to
/// all of them (the rule of Mask2Former, arXiv 2112.01527). `nil` masks none.
package func attention(
  queries: Matrix, keys: Matrix, values: Matrix, heads: Int, mask: UnsafePointer<Bool>?, into output: Matrix,
  _ context: ExecutionContext
) {
  precondition(heads > 0 && queries.columns % heads == 0)
  assert(keys.columns == queries.columns && values.columns == queries.columns && values.rows == keys.rows)
  assert(output.columns == queries.columns && output.rows == queries.rows)
  let head = AttentionHead(
    queries: queries, keys: keys, values: values, output: output, mask: mask, width: queries.columns / heads,
    kernels: context.backend.kernels, gemm: context.gemm)
  let queryBlocks = head.queryBlocks(heads: heads, threads: head.gemm.threadsForRows(context.pool.threads))
  let tallest = (queries.rows + queryBlocks - 1) / queryBlocks
  let workspace = AttentionWorkspace(
    queries: tallest, keys: min(AttentionHead.keysAtOnce, keys.rows), width: head.width, head.gemm)
  let scratch = context.scratch(workspace.layout)
  context.pool.forEach(heads * queryBlocks, sharing: (head, queryBlocks, workspace, scratch.threads)) {
    task, thread, shared in
    let (head, queryBlocks, workspace, threads) = shared
    let (index, block) = (task / queryBlocks, task % queryBlocks)
    let rows = head.queries.rows
    let part = rows * block / queryBlocks..<rows * (block + 1) / queryBlocks
    head(index, rows: part, AttentionBuffers(threads[thread], workspace))
  }
}

/// The work of one head on a block of queries.
private struct AttentionHead: Sendable {
  let queries: Matrix
  let keys: Matrix
  let values: Matrix
  let output: Matrix
  /// Only read.
  nonisolated(unsafe) let mask: UnsafePointer<Bool>?
  /// Columns of one head.
  let width: Int
  let kernels: KernelConfiguration
  let gemm: GEMM

  static let keysAtOnce = 512
  /// Fewer queries than this are not worth packing the keys for.
  private static let fewestQueries = 16

  func queryBlocks(heads: Int, threads: Int) -> Int {
    let wanted = threads > 1 ? (2 * threads + heads - 1) / heads : 1
    return max(min(wanted, queries.rows / Self.fewestQueries), 1)
  }

  func callAsFunction(_ index: Int, rows: Range<Int>, _ buffers: AttentionBuffers) {
    let columns = index * width..<(index + 1) * width
    let result = output.rows(rows).columns(columns)
    let scaled = scaledQueries(rows, columns, buffers)
    findHiddenKeys(rows, buffers)
    buffers.maxima.update(repeating: -.infinity, count: rows.count)
    buffers.sums.update(repeating: 0, count: rows.count)
    for start in stride(from: 0, to: keys.rows, by: Self.keysAtOnce) {
      let block = start..<min(start + Self.keysAtOnce, keys.rows)
      let scores = buffers.scores(queries: rows.count, keys: block.count)
      let keyPanels = PackedRightOperand(keys.rows(block).columns(columns), transposed: true, gemm)
      for panel in 0..<keyPanels.count {
        keyPanels.multiply(scaled, panel: panel, into: scores.wide, buffer: buffers.panel)
      }
      var softmax = softmax(scores.exact, result, buffers)
      softmax.isFirst = start == 0
      kernels.onlineSoftmaxUpdate(softmax)
      for row in 0..<rows.count { buffers.hidden[row] = buffers.hidden[row].map { $0 + block.count } }
      let valuePanels = PackedRightOperand(values.rows(block).columns(columns), transposed: false, gemm)
      for panel in 0..<valuePanels.count {
        valuePanels.multiply(
          scores.exact, panel: panel, into: result, residual: start == 0 ? nil : result, buffer: buffers.panel)
      }
    }
    if keys.rows > 0 {
      kernels.onlineSoftmaxFinalize(softmax(buffers.scores(queries: rows.count, keys: 0).exact, result, buffers))
    } else {
      for row in 0..<rows.count { result.row(row).update(repeating: 0, count: width) }
    }
  }

  private func softmax(_ scores: Matrix, _ result: Matrix, _ buffers: AttentionBuffers) -> SoftmaxBlock {
    SoftmaxBlock(
      scores: scores.floatRows, queries: scores.rows, keys: scores.columns,
      isFirst: false, hidden: UnsafePointer(buffers.hidden), maxima: buffers.maxima, sums: buffers.sums,
      output: result.floatRows, width: width)
  }

  /// Q / √d, side by side.
  private func scaledQueries(_ rows: Range<Int>, _ columns: Range<Int>, _ buffers: AttentionBuffers) -> Matrix {
    let scaled = Matrix(buffers.queries, rows: rows.count, columns: width)
    let scale = 1 / Float(width).squareRoot()
    for row in 0..<rows.count {
      mapRow(queries.row(rows.lowerBound + row) + columns.lowerBound, into: scaled.row(row), count: width) {
        $0 * scale
      }
    }
    return scaled
  }

  /// Finds each query's row of the mask, `nil` if it masks no key or all keys.
  private func findHiddenKeys(_ rows: Range<Int>, _ buffers: AttentionBuffers) {
    for row in 0..<rows.count {
      let hidden = mask.map { $0 + (rows.lowerBound + row) * keys.rows }
      buffers.hidden[row] = hidden.flatMap { contains(0, in: $0, count: keys.rows) ? $0 : nil }
    }
  }
}

/// Layout of a thread's scratch memory.
private struct AttentionWorkspace: Sendable {
  private(set) var layout = ScratchLayout()
  let hidden: ScratchLayout.Part<UnsafePointer<Bool>?>
  let maxima: ScratchLayout.Part<Float>
  let sums: ScratchLayout.Part<Float>
  let panel: ScratchLayout.Part<Float>
  let queries: ScratchLayout.Part<Float>
  let scores: ScratchLayout.Part<Float>
  /// Elements from one query's scores to the next's: whole panels of keys, and sixteen more, as rows a power of two
  /// apart would fall on the same sets of the caches.
  let scoreStride: Int

  init(queries count: Int, keys: Int, width: Int, _ gemm: GEMM) {
    scoreStride = roundUp(keys, to: gemm.nr) + 16
    hidden = layout.add(UnsafePointer<Bool>?.self, count: count)
    maxima = layout.add(Float.self, count: count)
    sums = layout.add(Float.self, count: count)
    // A packed panel of keys or of values, whichever is larger.
    panel = layout.add(Float.self, count: PackedRightOperand.panelSize(depth: max(width, keys), gemm))
    queries = layout.add(Float.self, count: count * width)
    scores = layout.add(Float.self, count: count * scoreStride)
  }
}

/// A thread's scratch memory.
private struct AttentionBuffers {
  /// Mask row of each query from the current block's first key on; `nil` masks none.
  let hidden: UnsafeMutablePointer<UnsafePointer<Bool>?>
  let maxima: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Float>
  let panel: UnsafeMutablePointer<Float>
  let queries: UnsafeMutablePointer<Float>
  private let scoreBase: UnsafeMutablePointer<Float>
  private let scoreStride: Int

  init(_ scratch: ThreadScratch, _ workspace: AttentionWorkspace) {
    hidden = scratch[workspace.hidden]
    maxima = scratch[workspace.maxima]
    sums = scratch[workspace.sums]
    panel = scratch[workspace.panel]
    queries = scratch[workspace.queries]
    scoreBase = scratch[workspace.scores]
    scoreStride = workspace.scoreStride
  }

  /// Scores of a block, axes (queries, keys), and the same rows with all columns of the last panel.
  func scores(queries: Int, keys: Int) -> (exact: Matrix, wide: Matrix) {
    (
      Matrix(scoreBase, rows: queries, columns: keys, rowStride: scoreStride),
      Matrix(scoreBase, rows: queries, columns: scoreStride - 16, rowStride: scoreStride)
    )
  }
}
