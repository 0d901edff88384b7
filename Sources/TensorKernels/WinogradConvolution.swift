import TensorCore
import TensorKernelBodies

/// A 3 × 3 convolution of stride 1 by Winograd's F(4 × 4, 3 × 3) (Lavin and Gray, arXiv 1509.09308): in each of 36
/// planes of transformed values it is a matrix product over the channels, with a quarter of the multiplications.
///
/// The transformed weight is made anew in every pass: it is four times the weight, so to read it from memory would take
/// as long as to make it from what is read.
///
/// The error is within 1e-5 of the largest output on random features, where direct summation is within 1e-6.
struct WinogradConvolution: Sendable {
  let inputs: Int
  let outputs: Int
  private let weights: PackedWeights
  private let kernels: KernelConfiguration
  /// (outputs).
  private let bias: Constant<Float>

  /// Tiles transformed at a time: enough to pay for reading the weights of all planes.
  private static let mostTiles = 96
  /// Channels come in whole vectors of the widest kind, outputs in pairs of them.
  private static let vectorWidth = 16
  /// Cost of transforming the weight for each pair of channels, in multiplications.
  private static let weightCost = 300

  static func isApplicable(inputs: Int, outputs: Int) -> Bool {
    inputs.isMultiple(of: vectorWidth) && outputs.isMultiple(of: vectorWidth)
  }

  /// - Parameter weights: Packed with 9 taps.
  init(
    _ weights: PackedWeights, bias: UnsafePointer<Float>?, inputs: Int, outputs: Int, _ kernels: KernelConfiguration
  ) {
    precondition(weights.depth == 9 * inputs && Self.isApplicable(inputs: inputs, outputs: outputs))
    self.weights = weights
    self.kernels = kernels
    self.inputs = inputs
    self.outputs = outputs
    self.bias = Constant(count: outputs) { copy in
      for output in 0..<outputs { copy[output] = bias?[output] ?? 0 }
    }
  }

  /// Whether an output of this size takes fewer multiplications this way than by summing directly.
  static func isFaster(height: Int, width: Int) -> Bool {
    TileRaster(height: height, width: width).count * Winograd.planes + weightCost < height * width * 9
  }

  /// y = activation(convolution of x + bias + residual).
  ///
  /// x (height, width, inputs); y and residual (height + 2 · padding − 2, width + 2 · padding − 2, outputs). The
  /// residual may be y; x must not overlap y.
  func callAsFunction(
    _ x: FeatureMap<Float>, into y: FeatureMap<Float>, padding: Int, residual: FeatureMap<Float>?,
    activation: Activation,
    _ context: ExecutionContext
  ) {
    let tiles = TileRaster(height: y.height, width: y.width)
    let blocks = tiles.blocks(of: Self.mostTiles, threads: plane.gemm.threadsForRows(context.pool.threads))
    let most = (tiles.count + blocks - 1) / max(blocks, 1)
    let workspace = WinogradWorkspace(tiles: most, inputs: inputs, outputs: outputs)
    let planeStride = plane.count + 16
    let transformed = context.arena.matrix(rows: Winograd.planes, columns: planeStride)
    let scratch = context.scratch(workspace.layout)
    let u = transformed.matrix
    transformWeights(into: u, context.pool)
    let maps = ConvolutionMaps(x: x, padding: padding, y: y, residual: residual, activation: activation)
    context.pool.forEach(blocks, sharing: (self, maps, u, tiles, blocks, workspace, scratch.threads)) {
      block, thread, shared in
      let (layer, maps, u, tiles, blocks, workspace, threads) = shared
      let range = tiles.count * block / blocks..<tiles.count * (block + 1) / blocks
      let buffers = WinogradBuffers(threads[thread], workspace)
      for tile in range { layer.transformInput(maps, tiles.place(tile), buffers, index: tile - range.lowerBound) }
      for plane in 0..<Winograd.planes { layer.multiply(buffers, rows: range.count, u.row(plane), plane: plane) }
      for tile in range { layer.transformOutput(buffers, index: tile - range.lowerBound, tiles.place(tile), maps) }
    }
  }

  /// The transformed weight of one plane, with zeros where a layer has its bias.
  private var plane: PanelLayout { PanelLayout(depth: inputs, columns: outputs, weights.layout.gemm) }

  private func transformWeights(into u: Matrix, _ pool: WorkerPool) {
    let parts = inputs / Self.vectorWidth
    let panels = (outputs + kernels.winogradPanelWidth - 1) / kernels.winogradPanelWidth
    pool.forEach(panels * parts, sharing: (self, u, parts)) { index, _, shared in
      let (layer, u, parts) = shared
      let (column, part) = (index / parts * layer.kernels.winogradPanelWidth, index % parts)
      let start = u.base + layer.plane.offset(ofColumn: column)
      if part == 0 {
        for plane in 0..<Winograd.planes {
          (start + plane * u.rowStride).update(repeating: 0, count: layer.kernels.winogradPanelWidth)
        }
      }
      layer.kernels.winogradWeight(
        WinogradWeightPanel(
          weights: layer.weights.panels.weights(from: column), inputs: layer.inputs,
          range: part * Self.vectorWidth..<(part + 1) * Self.vectorWidth, u: start + layer.plane.rowStride,
          rowStride: layer.plane.rowStride, planeStride: u.rowStride))
    }
  }

  /// The products of one plane.
  private func multiply(
    _ buffers: WinogradBuffers, rows: Int, _ u: UnsafeMutablePointer<Float>, plane index: Int
  ) {
    let panels = PackedPanels(base: u, layout: plane)
    panels.multiply(
      Matrix(buffers.v + index * buffers.vStride, rows: rows, columns: inputs), panels: 0..<panels.count,
      into: Matrix(buffers.m + index * buffers.mStride, rows: rows, columns: outputs))
  }

  private func transformInput(
    _ maps: ConvolutionMaps, _ place: (y: Int, x: Int), _ buffers: WinogradBuffers, index: Int
  ) {
    let x = maps.x
    let (top, left) = (place.y - maps.padding, place.x - maps.padding)
    kernels.winogradInput(
      WinogradInputPatch(
        x: UnsafePointer(x.base) + (top * x.width + left) * inputs, rowStride: x.width * inputs, channels: inputs,
        rows: inside(top, x.height), columns: inside(left, x.width), v: buffers.v + index * inputs,
        planeStride: buffers.vStride, scratch: buffers.scratch))
  }

  /// The part of a patch from `start` on that lies within `length`.
  private func inside(_ start: Int, _ length: Int) -> Range<Int> {
    let lower = min(max(-start, 0), Winograd.patch)
    return lower..<max(min(length - start, Winograd.patch), lower)
  }

  private func transformOutput(
    _ buffers: WinogradBuffers, index: Int, _ place: (y: Int, x: Int), _ maps: ConvolutionMaps
  ) {
    let y = maps.y
    let offset = (place.y * y.width + place.x) * outputs
    let appliesReLU = if case .relu = maps.activation { true } else { false }
    kernels.winogradOutput(
      WinogradOutputTile(
        m: UnsafePointer(buffers.m) + index * outputs, planeStride: buffers.mStride, bias: bias.pointer,
        y: y.base + offset, rowStride: y.width * outputs, channels: outputs,
        rows: min(Winograd.tile, y.height - place.y), columns: min(Winograd.tile, y.width - place.x),
        residual: maps.residual.map { UnsafePointer($0.base) + offset }, appliesReLU: appliesReLU,
        scratch: buffers.scratch))
  }
}

/// What a convolution reads and writes.
private struct ConvolutionMaps: Sendable {
  let x: FeatureMap<Float>
  let padding: Int
  let y: FeatureMap<Float>
  let residual: FeatureMap<Float>?
  let activation: Activation
}

/// The 4 × 4 tiles of an output, row by row.
private struct TileRaster: Sendable {
  let columns: Int
  let count: Int

  init(height: Int, width: Int) {
    columns = (width + Winograd.tile - 1) / Winograd.tile
    count = (height + Winograd.tile - 1) / Winograd.tile * columns
  }

  /// The tile's first pixel.
  func place(_ tile: Int) -> (y: Int, x: Int) { (tile / columns * Winograd.tile, tile % columns * Winograd.tile) }

  /// Number of blocks of at most `most` tiles, the same for each thread.
  func blocks(of most: Int, threads: Int) -> Int { min(roundUp((count + most - 1) / most, to: threads), count) }
}

/// Layout of a thread's scratch memory: the transformed input V and the products M, 36 planes each, and a buffer for one
/// tile.
private struct WinogradWorkspace: Sendable {
  private(set) var layout = ScratchLayout()
  let tile: ScratchLayout.Part<Float>
  let v: ScratchLayout.Part<Float>
  let m: ScratchLayout.Part<Float>
  /// Elements from one plane to the next. Sixteen more than the plane needs: planes a power of two apart would fall on
  /// the same sets of the caches.
  let vStride: Int
  let mStride: Int

  init(tiles: Int, inputs: Int, outputs: Int) {
    vStride = tiles * inputs + 16
    mStride = tiles * outputs + 16
    tile = layout.add(Float.self, count: Winograd.planes * 16)
    v = layout.add(Float.self, count: Winograd.planes * vStride)
    m = layout.add(Float.self, count: Winograd.planes * mStride)
  }
}

/// A thread's scratch memory.
private struct WinogradBuffers {
  let scratch: UnsafeMutablePointer<Float>
  let v: UnsafeMutablePointer<Float>
  let m: UnsafeMutablePointer<Float>
  let vStride: Int
  let mStride: Int

  init(_ memory: ThreadScratch, _ workspace: WinogradWorkspace) {
    scratch = memory[workspace.tile]
    v = memory[workspace.v]
    m = memory[workspace.m]
    vStride = workspace.vStride
    mStride = workspace.mStride
  }
}
