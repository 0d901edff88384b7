import TensorCore
import TensorKernelBodies

/// A layer's weight and bias as its instruction set's kernel wants them. Packed once, at load.
struct PackedWeights: Sendable {
  let depth: Int
  let columns: Int
  let kernels: KernelConfiguration
  let arithmetic: Arithmetic
  private let storage: Constant<Float>

  /// - Parameters:
  ///   - weight: (columns, inputs, taps), as PyTorch stores a convolution's; the depth is packed as (taps, inputs).
  ///   - bias: Axes (columns); `nil` for none.
  ///   - pool: Threads to pack on; `nil` for the caller's alone.
  init(
    _ weight: UnsafeBufferPointer<Float>, bias: UnsafePointer<Float>?, columns: Int, inputs: Int, taps: Int,
    _ kernels: KernelConfiguration, arithmetic: Arithmetic = .fastest, pool: WorkerPool?
  ) {
    precondition(weight.count == columns * inputs * taps)
    depth = inputs * taps
    self.columns = columns
    self.kernels = kernels
    self.arithmetic = arithmetic
    let width = kernels.nr
    let panelSize = (1 + inputs * taps) * width
    let panels = (columns + width - 1) / width
    storage = Constant(count: panels * panelSize) { packed in
      // Weight and bias are only read.
      nonisolated(unsafe) let (weight, bias) = (weight, bias)
      let packed = DisjointBuffer(packed)
      @Sendable func pack(_ panel: Int) {
        for column in panel * width..<min((panel + 1) * width, columns) {
          let start = panel * panelSize + column % width
          packed[start] = bias?[column] ?? 0
          for input in 0..<inputs {
            for tap in 0..<taps {
              packed[start + (1 + tap * inputs + input) * width] = weight[(column * inputs + input) * taps + tap]
            }
          }
        }
      }
      if let pool {
        pool.forEach(panels) { panel, _ in pack(panel) }
      } else {
        for panel in 0..<panels { pack(panel) }
      }
    }
  }

  var panelCount: Int { panels.count }

  /// Valid as long as this value lives.
  var panels: PackedPanels {
    PackedPanels(
      base: storage.pointer, depth: depth, columns: columns, panelSize: (1 + depth) * kernels.nr,
      kernels: kernels, arithmetic: arithmetic)
  }
}

/// Panels of columns, each the bias and then a row for each element of the depth. Columns that do not fill the last
/// panel are zeros there.
struct PackedPanels {
  let base: UnsafePointer<Float>
  let depth: Int
  let columns: Int
  /// Floats from one panel to the next.
  let panelSize: Int
  let kernels: KernelConfiguration
  let arithmetic: Arithmetic

  var count: Int { (columns + kernels.nr - 1) / kernels.nr }

  /// The rows of one panel behind its bias: (depth, width of a panel).
  func weights(_ index: Int) -> UnsafePointer<Float> { base + index * panelSize + kernels.nr }

  private var kernel: @Sendable (GEMMMicroKernel) -> Void {
    switch arithmetic {
    case .fastest: kernels.gemm
    case .reproducible: kernels.unfusedGEMM
    }
  }

  /// y = activation(bias + x · weight + residual) for the columns of some panels.
  ///
  /// x (rows, depth); y and residual (rows, columns). The residual may be y; x must not overlap y.
  func multiply(
    _ x: Matrix, panels range: Range<Int>, into y: Matrix, residual: Matrix? = nil, activation: Activation = .none
  ) {
    assert(x.columns == depth && y.columns == columns && x.rows == y.rows)
    let width = kernels.nr
    let appliesReLU = if case .relu = activation { true } else { false }
    for panel in range {
      let first = panel * width
      var product = GEMMMicroKernel(
        a: x.base, aStride: x.rowStride, rows: x.rows, depth: depth,
        panel: base + panel * panelSize, c: y.base + first, cStride: y.rowStride,
        appliesReLU: appliesReLU)
      if let residual {
        product.residual = UnsafePointer(residual.base + first)
        product.residualStride = residual.rowStride
      }
      if first + width <= columns {
        kernel(product)
      } else {
        multiplyPartialPanel(product, columns: columns - first)
      }
    }
  }

  /// A last panel that is not full: whole rows go to a buffer first, then what there is of them to C.
  private func multiplyPartialPanel(_ product: GEMMMicroKernel, columns: Int) {
    let width = kernels.nr
    // A kilobyte: more would come from the heap.
    let tallest = 256 / width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tallest * width) { buffer in
      guard let base = buffer.baseAddress else { return }
      for first in stride(from: 0, to: product.rows, by: tallest) {
        var tile = product
        tile.a += first * product.aStride
        tile.rows = min(tallest, product.rows - first)
        (tile.c, tile.cStride, tile.residual, tile.appliesReLU) = (base, width, nil, false)
        kernel(tile)
        for row in 0..<tile.rows {
          let target = product.c + (first + row) * product.cStride
          let residual = product.residual.map { $0 + (first + row) * product.residualStride }
          for column in 0..<columns {
            var sum = base[row * width + column]
            if let residual { sum += residual[column] }
            target[column] = product.appliesReLU && sum < 0 ? 0 : sum
          }
        }
      }
    }
  }
}

/// y = activation(bias + x · weight + residual), shared out over the pool: the product of fully connected and 1 × 1 layers.
func multiply(
  _ x: Matrix, by weights: PackedWeights, into y: Matrix, residual: Matrix?, activation: Activation,
  pool: WorkerPool
) {
  let grid = PanelGrid(rows: y.rows, weights, threads: pool.threads)
  pool.forEach(grid.count, sharing: (grid, weights, x, y, residual, activation)) { index, _, shared in
    let (grid, weights, x, y, residual, activation) = shared
    let (rows, panels) = grid.task(index)
    weights.panels.multiply(
      x.rows(rows), panels: panels, into: y.rows(rows), residual: residual?.rows(rows), activation: activation)
  }
}

/// Tasks of a product with packed panels: blocks of rows that stay in a core's L2 while panel after
/// panel passes by, and ranges of panels where there are too few rows to go round.
struct PanelGrid {
  private let rows: Int
  private let panels: Int
  private let blockRows: Int
  private let groups: Int

  /// 32-bit words of x in a block of rows: a quarter of a megabyte.
  private static let blockSize = 1 << 16
  private static let tallestBlock = 96
  /// Tasks for each thread, so that none waits long for the last one.
  private static let tasksPerThread = 16

  init(rows: Int, _ weights: PackedWeights, threads: Int, splitsPanels: Bool = true) {
    self.init(
      rows: rows, depth: weights.depth, panels: weights.panelCount, mr: weights.kernels.mr,
      threads: threads, splitsPanels: splitsPanels)
  }

  /// - Parameter depth: 32-bit words of a row of x.
  init(rows: Int, depth: Int, panels: Int, mr: Int, threads: Int, splitsPanels: Bool) {
    self.rows = rows
    self.panels = panels
    let fitting = min(Self.blockSize / max(depth, 1), Self.tallestBlock) / mr * mr
    blockRows = max(fitting, mr)
    let blocks = (rows + blockRows - 1) / blockRows
    let wanted = (threads * Self.tasksPerThread + blocks - 1) / max(blocks, 1)
    groups = splitsPanels && threads > 1 ? max(min(wanted, panels), 1) : 1
  }

  var count: Int { (rows + blockRows - 1) / blockRows * groups }

  /// Rows of the tallest block.
  var tallest: Int { min(blockRows, rows) }

  func task(_ index: Int) -> (rows: Range<Int>, panels: Range<Int>) {
    let (block, group) = (index / groups, index % groups)
    return (
      block * blockRows..<min((block + 1) * blockRows, rows),
      panels * group / groups..<panels * (group + 1) / groups
    )
  }
}
