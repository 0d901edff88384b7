import TensorCore
import TensorKernelBodies

/// The weight of a 3 × 3 convolution of stride 1, transformed for Winograd's F(4 × 4, 3 × 3) (Lavin and Gray,
/// arXiv 1509.09308): in each of 36 planes, the convolution is a matrix product over the channels.
///
/// The error is within 1e-5 of the largest output on random features, where direct summation is within 1e-6.
struct WinogradWeights: Sendable {
  let inputs: Int
  let outputs: Int
  private let bias: Constant<Float>
  /// A matrix (outputs, inputs) for each place in a patch.
  private let planes: [PackedWeights]
  private let kernels: KernelTable

  /// Tiles transformed at a time: enough to pay for reading the weights of all planes.
  private static let mostTiles = 96
  /// Channels come in whole vectors of the widest kind.
  private static let vectorWidth = 16

  static func canTake(inputs: Int, outputs: Int) -> Bool {
    inputs.isMultiple(of: vectorWidth) && outputs.isMultiple(of: vectorWidth)
  }

  /// - Parameters:
  ///   - weightOIHW: (outputs, inputs, 3, 3), PyTorch's order.
  ///   - bias: (outputs), nil for none.
  init(
    _ weightOIHW: UnsafeBufferPointer<Float>, bias: UnsafePointer<Float>?, inputs: Int, outputs: Int,
    _ kernels: KernelTable
  ) {
    precondition(weightOIHW.count == outputs * inputs * 9 && Self.canTake(inputs: inputs, outputs: outputs))
    self.inputs = inputs
    self.outputs = outputs
    self.kernels = kernels
    self.bias = Constant(count: outputs) { copy in
      for output in 0..<outputs { copy[output] = bias?[output] ?? 0 }
    }
    let pairs = outputs * inputs
    let transformed = Constant<Float>(count: Winograd.planes * pairs) { planes in
      for pair in 0..<pairs {
        transformWeight(weightOIHW.extracting(pair * 9..<pair * 9 + 9)) { plane, value in
          planes[plane * pairs + pair] = value
        }
      }
    }
    planes = transformed.withElements { planes in
      (0..<Winograd.planes).map { plane in
        PackedWeights(
          planes.extracting(plane * pairs..<(plane + 1) * pairs), bias: nil, columns: outputs, inputs: inputs, taps: 1,
          kernels)
      }
    }
  }

  /// y = activation(convolution of x + bias + residual).
  ///
  /// x (height, width, inputs); y and residual (height + 2 · padding − 2, width + 2 · padding − 2, outputs). The
  /// residual may be y; x must not overlap y.
  func convolve(
    _ x: FeatureMap, into y: FeatureMap, padding: Int, residual: FeatureMap?, activation: Activation,
    _ execution: Execution
  ) {
    let tiles = TileRaster(height: y.height, width: y.width)
    let blocks = tiles.blocks(of: Self.mostTiles, threads: execution.pool.threads)
    let most = (tiles.count + blocks - 1) / max(blocks, 1)
    let buffers = WinogradBuffers.Size(tiles: most, inputs: inputs, outputs: outputs)
    let scratch = execution.scratch(perThread: buffers.count)
    let rows = scratch.matrix
    execution.pool.forEach(blocks) { block, thread in
      let range = tiles.count * block / blocks..<tiles.count * (block + 1) / blocks
      let buffers = WinogradBuffers(rows.row(thread), buffers)
      for tile in range {
        transformInput(x, padding: padding, tiles.place(tile), buffers, index: tile - range.lowerBound)
      }
      for plane in planes.indices {
        let v = Matrix(buffers.v + plane * buffers.size.vStride, rows: range.count, columns: inputs)
        let m = Matrix(buffers.m + plane * buffers.size.mStride, rows: range.count, columns: outputs)
        planes[plane].multiply(v, panels: 0..<planes[plane].panelCount, into: m)
      }
      for tile in range {
        transformOutput(
          buffers, index: tile - range.lowerBound, tiles.place(tile), into: y, residual: residual,
          activation: activation)
      }
    }
  }

  private func transformInput(
    _ x: FeatureMap, padding: Int, _ place: (y: Int, x: Int), _ buffers: WinogradBuffers, index: Int
  ) {
    let (top, left) = (place.y - padding, place.x - padding)
    kernels.winogradInput(
      WinogradInputPatch(
        x: UnsafePointer(x.base) + (top * x.width + left) * inputs, rowStride: x.width * inputs, channels: inputs,
        rows: inside(top, x.height), columns: inside(left, x.width), v: buffers.v + index * inputs,
        planeStride: buffers.size.vStride, scratch: buffers.scratch))
  }

  /// The part of a patch from `start` on that lies within `length`.
  private func inside(_ start: Int, _ length: Int) -> Range<Int> {
    let lower = min(max(-start, 0), Winograd.patch)
    return lower..<max(min(length - start, Winograd.patch), lower)
  }

  private func transformOutput(
    _ buffers: WinogradBuffers, index: Int, _ place: (y: Int, x: Int), into y: FeatureMap, residual: FeatureMap?,
    activation: Activation
  ) {
    let offset = (place.y * y.width + place.x) * outputs
    let rectifies = if case .relu = activation { true } else { false }
    kernels.winogradOutput(
      WinogradOutputTile(
        m: UnsafePointer(buffers.m) + index * outputs, planeStride: buffers.size.mStride, bias: bias.pointer,
        y: y.base + offset, rowStride: y.width * outputs, channels: outputs,
        rows: min(Winograd.tile, y.height - place.y), columns: min(Winograd.tile, y.width - place.x),
        residual: residual.map { UnsafePointer($0.base) + offset }, rectifies: rectifies, scratch: buffers.scratch))
  }
}

/// G · g · Gᵀ of one 3 × 3 kernel, in double precision: its value at every pair of interpolation points.
private func transformWeight(_ kernel: UnsafeBufferPointer<Float>, store: (_ plane: Int, _ value: Float) -> Void) {
  let (near, far) = (Double(Winograd.points.near), Double(Winograd.points.far))
  let points = [0, near, -near, far, -far]
  // A row for each point: its powers over the product of its distances from the others; last the point at infinity.
  var rows = points.map { point -> [Double] in
    let scale = 1 / points.filter { $0 != point }.reduce(1.0) { $0 * (point - $1) }
    return [scale, scale * point, scale * point * point]
  }
  rows.append([0, 0, 1])
  for (i, vertical) in rows.enumerated() {
    for (j, horizontal) in rows.enumerated() {
      var sum = 0.0
      for y in 0..<3 {
        for x in 0..<3 { sum += vertical[y] * Double(kernel[y * 3 + x]) * horizontal[x] }
      }
      store(i * Winograd.patch + j, Float(sum))
    }
  }
}

/// The 4 × 4 tiles of an output, row by row.
private struct TileRaster {
  let columns: Int
  let count: Int

  init(height: Int, width: Int) {
    columns = (width + Winograd.tile - 1) / Winograd.tile
    count = (height + Winograd.tile - 1) / Winograd.tile * columns
  }

  /// The tile's first pixel.
  func place(_ tile: Int) -> (y: Int, x: Int) { (tile / columns * Winograd.tile, tile % columns * Winograd.tile) }

  /// Into how many blocks of at most `most` tiles to cut, the same number for each thread.
  func blocks(of most: Int, threads: Int) -> Int { min(roundUp((count + most - 1) / most, to: threads), count) }
}

/// What a thread works in: the transformed input V and the products M, 36 planes each, and room for one tile.
private struct WinogradBuffers {
  struct Size {
    /// Floats from one plane to the next. Sixteen more than the plane needs: planes a power of two apart would fall on
    /// the same sets of the caches.
    let vStride: Int
    let mStride: Int

    static let scratch = Winograd.planes * 16

    init(tiles: Int, inputs: Int, outputs: Int) {
      vStride = tiles * inputs + 16
      mStride = tiles * outputs + 16
    }

    var count: Int { Winograd.planes * (vStride + mStride) + Self.scratch }
  }

  let size: Size
  let scratch: UnsafeMutablePointer<Float>
  let v: UnsafeMutablePointer<Float>
  let m: UnsafeMutablePointer<Float>

  init(_ base: UnsafeMutablePointer<Float>, _ size: Size) {
    self.size = size
    scratch = base
    v = scratch + Size.scratch
    m = v + Winograd.planes * size.vStride
  }
}
