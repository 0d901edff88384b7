import TensorCore
import TensorKernelBodies

/// An int8 convolution with exact int32 sums.
///
/// What is under the kernel is read where it lies for the output pixels whose kernel is within the image, when the stride
/// and the dilation are 1: the pixels under a row of the kernel then follow each other in memory. For the others it is
/// gathered, block by block.
struct QuantizedConvolution: Sendable {
  let shape: ConvolutionShape
  let weights: PackedIntegerWeights

  init(
    _ weight: QuantizedWeight, _ shape: ConvolutionShape, output: QuantizationParameters?,
    residual: QuantizationParameters?,
    _ kernels: IntegerKernels, pool: WorkerPool?
  ) {
    self.shape = shape
    weights = PackedIntegerWeights(
      weight, columns: shape.outputs, inputs: shape.inputs, taps: shape.taps, output: output, residual: residual,
      kernels, pool: pool)
  }

  /// y = activation(convolution of x + bias + residual). Floats that come in are quantized here.
  func callAsFunction(
    _ x: FeatureView, into y: FeatureView, residual: FeatureView?, activation: Activation, _ context: ExecutionContext
  ) {
    let result = weights.result(y, residual: residual, activation: activation)
    if shape.isPointwise { return weights.multiply(x, into: result, context) }
    switch x {
    case .bytes(let map):
      convolve(map, into: result, outputWidth: y.width, rows: y.height * y.width, context)
    case .floats(let map):
      let bytes = context.arena.tensor(height: map.height, width: map.width, channels: map.channels, weights.input)
      quantize(map, into: bytes.map, context)
      convolve(bytes.map, into: result, outputWidth: y.width, rows: y.height * y.width, context)
    }
  }

  private func convolve(
    _ x: FeatureMap<UInt8>, into result: RequantizationEpilogue, outputWidth: Int, rows: Int,
    _ context: ExecutionContext
  ) {
    let grid = weights.grid(rows: rows, threads: context.pool.threads, splitsPanels: false)
    let pieces = BytePieces(x, shape, outputWidth: outputWidth, depth: weights.depth, tile: weights.kernels.mr)
    var layout = ScratchLayout()
    let gathered = layout.add(UInt8.self, count: grid.tallest * weights.depth)
    let list = layout.add(BytePiece.self, count: grid.tallest / weights.kernels.mr + 1)
    let scratch = context.scratch(layout)
    context.pool.forEach(
      grid.count, sharing: (grid, weights, pieces, scratch.threads, gathered, list, UnsafeResult(result))
    ) { index, thread, shared in
      let (grid, weights, pieces, threads, gathered, list, target) = shared
      let (rows, panels) = grid.task(index)
      let block = pieces.cut(rows, gathered: threads[thread][gathered], list: threads[thread][list])
      for panel in panels {
        for piece in block {
          weights.panels.multiply(
            piece.rows, panels: panel..<panel + 1, into: target.result.advanced(rows: piece.first))
        }
      }
    }
  }
}

/// Carries a result's pointers to the threads, each of which writes rows of its own.
struct UnsafeResult: @unchecked Sendable {
  let result: RequantizationEpilogue

  init(_ result: RequantizationEpilogue) { self.result = result }
}

/// Output pixels that follow each other, with what is under their kernels.
private struct BytePiece {
  /// The first output pixel.
  var first: Int
  var rows: ByteRows
}

/// Cuts blocks of output pixels into pieces that are read in place and pieces that are gathered.
private struct BytePieces: @unchecked Sendable {
  private let x: FeatureMap<UInt8>
  private let shape: ConvolutionShape
  private let gather: ImplicitIm2Col<UInt8>
  private let outputWidth: Int
  private let depth: Int
  private let tile: Int
  private let readsInPlace: Bool

  init(_ x: FeatureMap<UInt8>, _ shape: ConvolutionShape, outputWidth: Int, depth: Int, tile: Int) {
    self.x = x
    self.shape = shape
    gather = shape.gather(x, outputWidth: outputWidth)
    self.outputWidth = outputWidth
    self.depth = depth
    self.tile = tile
    readsInPlace = shape.stride == 1 && shape.dilation == 1 && x.channels.isMultiple(of: 4)
  }

  /// The pieces of a block of output pixels.
  ///
  /// - Parameters:
  ///   - gathered: Scratch memory for the im2col rows of the block.
  ///   - list: Scratch memory for the pieces, of which there is at most one for every `tile` pixels.
  func cut(
    _ pixels: Range<Int>, gathered: UnsafeMutablePointer<UInt8>, list: UnsafeMutablePointer<BytePiece>
  ) -> UnsafeBufferPointer<BytePiece> {
    var count = 0
    for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: tile) {
      let next = piece(first..<min(first + tile, pixels.upperBound), gathered + (first - pixels.lowerBound) * depth)
      if count > 0, list[count - 1].isContinued(by: next) {
        list[count - 1].rows.count += next.rows.count
      } else {
        list[count] = next
        count += 1
      }
    }
    return UnsafeBufferPointer(start: list, count: count)
  }

  private func piece(_ pixels: Range<Int>, _ buffer: UnsafeMutablePointer<UInt8>) -> BytePiece {
    if readsInPlace, let rows = rowsInPlace(pixels) { return BytePiece(first: pixels.lowerBound, rows: rows) }
    gather(pixels, into: buffer)
    return BytePiece(
      first: pixels.lowerBound, rows: ByteRows(base: buffer, stride: depth, count: pixels.count, runLength: depth))
  }

  /// What is under the kernels of some pixels, nil where they are in several rows or a kernel reaches beyond the image.
  private func rowsInPlace(_ pixels: Range<Int>) -> ByteRows? {
    let (y, left) = (pixels.lowerBound / outputWidth, pixels.lowerBound % outputWidth)
    let (top, first) = (y - shape.padding, left - shape.padding)
    guard left + pixels.count <= outputWidth, top >= 0, first >= 0, top + shape.kernel <= x.height,
      first + pixels.count - 1 + shape.kernel <= x.width
    else { return nil }
    return ByteRows(
      base: x.pixel(top, first), stride: x.channels, count: pixels.count, runs: shape.kernel,
      runStride: x.width * x.channels, runLength: shape.kernel * x.channels)
  }
}

extension BytePiece {
  /// Whether the other's rows lie right behind this one's.
  fileprivate func isContinued(by other: BytePiece) -> Bool {
    other.rows.runs == rows.runs && other.rows.base == rows.base + rows.count * rows.stride
      && other.first == first + rows.count
  }
}
