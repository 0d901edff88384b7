import TensorCore
import TensorKernelBodies

/// A quantized layer's weight as its instruction set's kernel wants it: panels of columns, each with the head that makes
/// numbers of sums. Packed once, at load.
///
/// With x = s (q − z) and W = w t (t a scale for each column), x · W + b = s t (Σ q w − z Σ w) + b: −z Σ w is where a
/// column's sum starts, s t its multiplier and b its offset. What writes bytes of scale S and zero point Z divides both by
/// S and adds Z to the offset; a residual r (p − y) that is added to it takes r / S · y away.
struct PackedIntegerWeights: Sendable {
  let columns: Int
  /// Bytes of a row that the weight is multiplied with: taps · inputs, each tap's inputs rounded up to fours.
  let depth: Int
  let input: QuantizationParameters
  /// Quantization of the output; `nil` if the output is fp32.
  let output: QuantizationParameters?
  /// Quantization of the residual that is added to a quantized output; `nil` for none.
  let residual: QuantizationParameters?
  let kernels: IntegerKernels
  private let panelWidth: Int
  private let storage: Constant<Int32>

  /// - Parameters:
  ///   - weight: (columns, inputs, taps), as PyTorch stores a convolution's; the depth is packed as (taps, inputs).
  ///   - pool: Threads to pack on; `nil` for the caller's alone.
  init(
    _ weight: QuantizedWeight, columns: Int, inputs: Int, taps: Int, output: QuantizationParameters?,
    residual: QuantizationParameters? = nil, _ kernels: IntegerKernels, pool: WorkerPool?
  ) {
    precondition(weight.values.count == columns * inputs * taps && weight.scales.count == columns)
    precondition(weight.bias?.count ?? columns == columns)
    self.columns = columns
    self.output = output
    self.residual = residual
    self.kernels = kernels
    input = weight.input
    let tapLength = roundUp(inputs, to: 4)
    depth = tapLength * taps
    let width = kernels.panelWidth(columns: columns)
    panelWidth = width
    let panelSize = (IntegerGEMMMicroKernel.headRows + tapLength * taps / 4) * width
    let panels = (columns + width - 1) / width
    storage = withExtendedLifetime(weight) {
      Constant(count: panels * panelSize) { packed in
        let packed = DisjointBuffer(packed)
        @Sendable func pack(_ panel: Int) {
          for column in panel * width..<min((panel + 1) * width, columns) {
            let head = packed[panel * panelSize + column % width..<packed.count]
            let sum = Self.packColumn(
              weight.values.pointer + column * inputs * taps, inputs: inputs, taps: taps,
              into: head.extracting(IntegerGEMMMicroKernel.headRows * width..<head.count), width: width)
            head[0] = 0 &- Int32(weight.input.zeroPoint) &* sum
            let scaling = Self.scaling(weight, column, output: output, residual: residual)
            head[width] = Int32(bitPattern: scaling.multiplier.bitPattern)
            head[2 * width] = Int32(bitPattern: scaling.offset.bitPattern)
          }
        }
        if let pool {
          pool.forEach(panels) { panel, _ in pack(panel) }
        } else {
          for panel in 0..<panels { pack(panel) }
        }
      }
    }
  }

  /// Packs four bytes to a word, `width` words apart; returns the sum of the column's weights.
  private static func packColumn(
    _ weights: UnsafePointer<Int8>, inputs: Int, taps: Int, into words: UnsafeMutableBufferPointer<Int32>, width: Int
  ) -> Int32 {
    let tapLength = roundUp(inputs, to: 4)
    var sum: Int32 = 0
    for tap in 0..<taps {
      for input in 0..<inputs {
        let weight = weights[input * taps + tap]
        let place = tap * tapLength + input
        sum &+= Int32(weight)
        words[place / 4 * width] |= Int32(truncatingIfNeeded: UInt32(UInt8(bitPattern: weight)) << (8 * (place % 4)))
      }
    }
    return sum
  }

  private static func scaling(
    _ weight: QuantizedWeight, _ column: Int, output: QuantizationParameters?, residual: QuantizationParameters?
  ) -> (multiplier: Float, offset: Float) {
    let multiplier = weight.input.scale * weight.scales.pointer[column]
    let bias = weight.bias?.pointer[column] ?? 0
    guard let output else { return (multiplier, bias) }
    let added = residual.map { $0.scale / output.scale * Float($0.zeroPoint) } ?? 0
    return (multiplier / output.scale, bias / output.scale + Float(output.zeroPoint) - added)
  }

  /// Valid as long as this value lives.
  var panels: IntegerPanels {
    IntegerPanels(
      base: storage.pointer, columns: columns, width: panelWidth,
      panelSize: (IntegerGEMMMicroKernel.headRows + depth / 4) * panelWidth, kernels: kernels)
  }

  /// Tasks of the product for `threads`.
  func grid(rows: Int, threads: Int, splitsPanels: Bool = true) -> PanelGrid {
    PanelGrid(
      rows: rows, depth: depth / 4, panels: panels.count, mr: kernels.mr, threads: threads,
      splitsPanels: splitsPanels)
  }
}

/// Some rows that quantized weights are multiplied with: see `IntegerGEMMMicroKernel`.
struct ByteRows {
  var base: UnsafePointer<UInt8>
  var stride: Int
  var count: Int
  var runs = 1
  var runStride = 0
  /// Bytes of a run, a multiple of 4.
  var runLength: Int
}

extension ByteRows {
  /// A copy with zeros behind each row, which is one run.
  fileprivate func padded(to length: Int, in target: UnsafeMutablePointer<UInt8>) -> ByteRows {
    for row in 0..<count {
      (target + row * length).update(from: base + row * stride, count: runLength)
      (target + row * length + runLength).update(repeating: 0, count: length - runLength)
    }
    return ByteRows(base: target, stride: length, count: count, runLength: length)
  }
}

/// Panels of columns of a quantized layer.
struct IntegerPanels {
  let base: UnsafePointer<Int32>
  let columns: Int
  /// Columns of a panel.
  let width: Int
  /// Words from one panel to the next.
  let panelSize: Int
  let kernels: IntegerKernels

  var count: Int { (columns + width - 1) / width }

  /// The columns of some panels of x · weight, made numbers and written to `result`, which begins at x's first row and at
  /// column 0. The residual may be the result.
  func multiply(_ x: ByteRows, panels range: Range<Int>, into result: RequantizationEpilogue) {
    for panel in range {
      let first = panel * width
      let product = IntegerGEMMMicroKernel(
        a: x.base, aStride: x.stride, rows: x.count, runs: x.runs, runStride: x.runStride, runLength: x.runLength / 4,
        panel: base + panel * panelSize, result: result.advanced(rows: 0, columns: first))
      let columns = min(width, columns - first)
      switch kernels.method {
      case .tiles(let gemm) where columns == width: gemm(product)
      case .tiles(let gemm):
        // A last panel that is not full.
        product.result.withWholeRows(product.rows, width: width, columns: columns) { rows, whole in
          var tile = product
          tile.a += rows.lowerBound * product.aStride
          tile.rows = rows.count
          tile.result = whole
          gemm(tile)
        }
      case .openBLAS(let library):
        let product = OpenBLASIntegerProduct(library: library, product: product, panelWidth: width, columns: columns)
        product()
      }
    }
  }
}

extension RequantizationEpilogue {
  /// Takes whole rows of `width` columns, of which the result has the first `columns` only: they go to a buffer first, then what
  /// there is of them to the result. The residual takes the same way.
  ///
  /// - Parameter body: Called for as many rows at a time as fit the buffer.
  func withWholeRows(
    _ count: Int, width: Int, columns: Int, _ body: (_ rows: Range<Int>, _ whole: RequantizationEpilogue) -> Void
  ) {
    let rowBytes = width * elementSize
    // A kilobyte of common alignment: more would come from the heap.
    let tallest = 1024 / rowBytes
    withUnsafeTemporaryAllocation(byteCount: tallest * rowBytes, alignment: MemoryLayout<Int>.alignment) { buffer in
      guard let base = buffer.baseAddress else { return }
      for first in Swift.stride(from: 0, to: count, by: tallest) {
        let rows = first..<min(first + tallest, count)
        var whole = self
        whole.base = base
        whole.stride = width
        if let residual = advanced(rows: first).residual {
          whole.residual = UnsafeRawPointer(base)
          whole.residualStride = width
          for row in 0..<rows.count {
            (base + row * rowBytes).copyMemory(
              from: residual + row * residualStride * elementSize, byteCount: columns * elementSize)
          }
        }
        body(rows, whole)
        for row in 0..<rows.count {
          advanced(rows: first + row).base.copyMemory(from: base + row * rowBytes, byteCount: columns * elementSize)
        }
      }
    }
  }
}

extension IntegerKernels {
  /// Quantizes fp32 rows; each quantized row is padded to a multiple of 4 bytes.
  func quantize(_ x: Matrix, as quantization: QuantizationParameters, into bytes: UnsafeMutablePointer<UInt8>)
    -> ByteRows
  {
    let stride = roundUp(x.columns, to: 4)
    let inverse = 1 / quantization.scale
    for row in 0..<x.rows {
      let target = bytes + row * stride
      quantize(x.row(row), x.columns, inverse, Float(quantization.zeroPoint), target)
      for column in x.columns..<stride { target[column] = 0 }
    }
    return ByteRows(base: bytes, stride: stride, count: x.rows, runLength: stride)
  }
}

extension PackedIntegerWeights {
  /// Epilogue of the product. A quantized y has the output's quantization, and its residual the residual's, with which
  /// the weight was packed.
  func result(_ y: FeatureView, residual: FeatureView?, activation: Activation) -> RequantizationEpilogue {
    let appliesReLU = if case .relu = activation { true } else { false }
    switch y {
    case .bytes(let map):
      var result = RequantizationEpilogue(
        kind: .bytes, base: map.base, stride: map.channels,
        lowest: appliesReLU ? Float(map.quantization.zeroPoint) : 0)
      assert(map.quantization == output)
      if case .bytes(let added) = residual, let output {
        assert(added.quantization == self.residual)
        result.residual = UnsafeRawPointer(added.base)
        result.residualStride = added.channels
        result.residualMultiplier = added.quantization.scale / output.scale
      }
      return result
    case .floats(let map):
      assert(output == nil)
      var added: Matrix?
      if case .floats(let map) = residual { added = map.tokens }
      return Self.result(map.tokens, residual: added, activation: activation)
    }
  }

  static func result(_ y: Matrix, residual: Matrix?, activation: Activation) -> RequantizationEpilogue {
    let appliesReLU = if case .relu = activation { true } else { false }
    return RequantizationEpilogue(
      kind: .floats, base: y.base, stride: y.rowStride, lowest: appliesReLU ? 0 : -.infinity,
      residual: residual.map { UnsafeRawPointer($0.base) }, residualStride: residual?.rowStride ?? 0)
  }

  /// The product of the pixels of x, which are read in place if they are quantized and their channels a multiple of 4.
  func multiply(_ x: FeatureView, into result: RequantizationEpilogue, _ context: ExecutionContext) {
    switch x {
    case .floats(let map): multiply(map.tokens, into: result, context)
    case .bytes(let map):
      assert(map.quantization == input)
      let padding = roundUp(map.channels, to: 4) - map.channels
      let grid = grid(rows: map.height * map.width, threads: context.pool.threads, splitsPanels: padding == 0)
      var layout = ScratchLayout()
      let padded = layout.add(UInt8.self, count: padding == 0 ? 0 : grid.tallest * depth)
      let scratch = context.scratch(layout)
      context.pool.forEach(
        grid.count, sharing: (self, grid, map, padding, scratch.threads, padded, UnsafeResult(result))
      ) { index, thread, shared in
        let (weights, grid, map, padding, threads, padded, target) = shared
        let (rows, panels) = grid.task(index)
        var bytes = ByteRows(
          base: map.base + rows.lowerBound * map.channels, stride: map.channels, count: rows.count,
          runLength: map.channels)
        if padding > 0 { bytes = bytes.padded(to: weights.depth, in: threads[thread][padded]) }
        weights.panels.multiply(bytes, panels: panels, into: target.result.advanced(rows: rows.lowerBound))
      }
    }
  }

  /// The product of fp32 rows, which are quantized block by block.
  func multiply(_ x: Matrix, into result: RequantizationEpilogue, _ context: ExecutionContext) {
    let grid = grid(rows: x.rows, threads: context.pool.threads, splitsPanels: true)
    multiply(x, into: result, grid, context)
  }

  /// y = norm(x · Wᵀ + b + residual): fp32 rows, each block of which is quantized, multiplied and normalized while it is
  /// in cache.
  func multiply(_ x: Matrix, into y: Matrix, residual: Matrix, norm: LayerNorm, _ context: ExecutionContext) {
    let grid = grid(rows: x.rows, threads: context.pool.threads, splitsPanels: false)
    multiply(x, into: Self.result(y, residual: residual, activation: .none), grid, normalizing: (y, norm), context)
  }

  private func multiply(
    _ x: Matrix, into result: RequantizationEpilogue, _ grid: PanelGrid,
    normalizing normalized: (y: Matrix, norm: LayerNorm)? = nil, _ context: ExecutionContext
  ) {
    var layout = ScratchLayout()
    let quantized = layout.add(UInt8.self, count: grid.tallest * depth)
    let scratch = context.scratch(layout)
    context.pool.forEach(
      grid.count,
      sharing: (
        self, grid, x, UnsafeResult(result), normalized, context.instructions, scratch.threads,
        quantized
      )
    ) { index, thread, shared in
      let (weights, grid, x, target, normalized, instructions, threads, quantized) = shared
      let (rows, panels) = grid.task(index)
      let bytes = weights.kernels.quantize(x.rows(rows), as: weights.input, into: threads[thread][quantized])
      weights.panels.multiply(bytes, panels: panels, into: target.result.advanced(rows: rows.lowerBound))
      if let normalized { normalized.norm.normalize(normalized.y.rows(rows), instructions) }
    }
  }
}
