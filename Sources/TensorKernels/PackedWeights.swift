import TensorCore
import TensorKernelBodies

/// A layer's weight and bias as its backend's products want them. Packed once, at load.
struct PackedWeights: Sendable {
  let layout: PanelLayout
  private let storage: Constant<Float>

  /// - Parameters:
  ///   - weight: (columns, inputs, taps), as PyTorch stores a convolution's; the depth is packed as (taps, inputs).
  ///   - bias: Axes (columns); `nil` for none.
  ///   - pool: Threads to pack on; `nil` for the caller's alone.
  init(
    _ weight: UnsafeBufferPointer<Float>, bias: UnsafePointer<Float>?, columns: Int, inputs: Int, taps: Int,
    _ gemm: GEMM, pool: WorkerPool?
  ) {
    precondition(weight.count == columns * inputs * taps)
    let layout = PanelLayout(depth: inputs * taps, columns: columns, gemm)
    self.layout = layout
    storage = Constant(count: layout.count) { packed in
      // Weight and bias are only read.
      nonisolated(unsafe) let (weight, bias) = (weight, bias)
      let packed = DisjointBuffer(packed)
      @Sendable func pack(_ panel: Int) {
        for column in layout.columns(of: panel) {
          let start = layout.offset(ofColumn: column)
          packed[start] = bias?[column] ?? 0
          for input in 0..<inputs {
            for tap in 0..<taps {
              let place = start + (1 + tap * inputs + input) * layout.rowStride
              packed[place] = weight[(column * inputs + input) * taps + tap]
            }
          }
        }
      }
      if let pool {
        pool.forEach(layout.panelCount) { panel, _ in pack(panel) }
      } else {
        for panel in 0..<layout.panelCount { pack(panel) }
      }
    }
  }

  var depth: Int { layout.depth }
  var columns: Int { layout.columns }
  var panelCount: Int { layout.panelCount }

  /// Valid as long as this value lives.
  var panels: PackedPanels { PackedPanels(base: storage.pointer, layout: layout) }
}

/// Where the bias and the rows of a right operand lie in memory.
///
/// For tiles they lie panel by panel, each of `nr` columns: the bias and then a row for each element of the depth. Columns that do
/// not fill the last panel are zeros there. For OpenBLAS the bias and the rows lie behind each other as a whole, and a panel
/// is some of their columns.
struct PanelLayout: Sendable {
  let depth: Int
  let columns: Int
  let gemm: GEMM

  init(depth: Int, columns: Int, _ gemm: GEMM) {
    self.depth = depth
    self.columns = columns
    self.gemm = gemm
  }

  /// Columns that panels of any width fill: a multiple of two vectors of the widest kind.
  private static let alignment = 32

  private var isTiled: Bool { if case .tiles = gemm.method { true } else { false } }

  var panelCount: Int { (columns + gemm.nr - 1) / gemm.nr }

  /// Floats from one row to the next.
  var rowStride: Int { isTiled ? gemm.nr : roundUp(columns, to: Self.alignment) }

  /// Floats of all panels.
  var count: Int { (isTiled ? panelCount : 1) * (1 + depth) * rowStride }

  /// Place of a column's bias.
  func offset(ofColumn column: Int) -> Int {
    isTiled ? column / gemm.nr * (1 + depth) * gemm.nr + column % gemm.nr : column
  }

  func columns(of panel: Int) -> Range<Int> { panel * gemm.nr..<min((panel + 1) * gemm.nr, columns) }
}

/// A right operand, or a layer's weight, with a bias: see `PanelLayout`.
struct PackedPanels {
  let base: UnsafePointer<Float>
  let layout: PanelLayout

  var count: Int { layout.panelCount }

  /// The rows behind the bias, from a column on that begins a panel.
  func weights(from column: Int) -> UnsafePointer<Float> {
    base + layout.offset(ofColumn: column) + layout.rowStride
  }

  /// y = activation(bias + x · weight + residual) for the columns of some panels.
  ///
  /// x (rows, depth); y and residual (rows, columns). The residual may be y; x must not overlap y.
  func multiply(
    _ x: Matrix, panels range: Range<Int>, into y: Matrix, residual: Matrix? = nil, activation: Activation = .none
  ) {
    assert(x.columns == layout.depth && y.columns == layout.columns && x.rows == y.rows)
    switch layout.gemm.method {
    case .tiles(let tiles):
      multiply(x, panels: range, into: y, residual: residual, activation: activation, tiles)
    case .openBLAS(let library):
      let columns = range.lowerBound * layout.gemm.nr..<min(range.upperBound * layout.gemm.nr, layout.columns)
      let product = OpenBLASProduct(
        library: library, a: x, b: weights(from: columns.lowerBound), bStride: layout.rowStride,
        bias: base + columns.lowerBound, residual: residual?.columns(columns), activation: activation)
      product(into: y.columns(columns))
    }
  }

  private func multiply(
    _ x: Matrix, panels range: Range<Int>, into y: Matrix, residual: Matrix?, activation: Activation, _ tiles: TileGEMM
  ) {
    let appliesReLU = if case .relu = activation { true } else { false }
    for panel in range {
      let columns = layout.columns(of: panel)
      var product = GEMMMicroKernel(
        a: x.base, aStride: x.rowStride, rows: x.rows, depth: layout.depth,
        panel: base + layout.offset(ofColumn: columns.lowerBound), c: y.base + columns.lowerBound,
        cStride: y.rowStride, appliesReLU: appliesReLU)
      if let residual {
        product.residual = UnsafePointer(residual.base + columns.lowerBound)
        product.residualStride = residual.rowStride
      }
      if columns.count == layout.gemm.nr {
        tiles.multiply(product)
      } else {
        multiplyPartialPanel(product, columns: columns.count, tiles)
      }
    }
  }

  /// A last panel that is not full: whole rows go to a buffer first, then what there is of them to C.
  private func multiplyPartialPanel(_ product: GEMMMicroKernel, columns: Int, _ tiles: TileGEMM) {
    let width = layout.gemm.nr
    // A kilobyte: more would come from the heap.
    let tallest = 256 / width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: tallest * width) { buffer in
      guard let base = buffer.baseAddress else { return }
      for first in stride(from: 0, to: product.rows, by: tallest) {
        var tile = product
        tile.a += first * product.aStride
        tile.rows = min(tallest, product.rows - first)
        (tile.c, tile.cStride, tile.residual, tile.appliesReLU) = (base, width, nil, false)
        tiles.multiply(tile)
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
      rows: rows, depth: weights.depth, panels: weights.panelCount, mr: weights.layout.gemm.mr,
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
