public import ImageCoding
package import TensorCore
import TensorKernels

/// A probability mask: for each pixel of a picture, how likely it belongs to something.
///
/// It is kept as small as it came, mostly as a network's values on a coarse grid, and computed at full size only when
/// it is asked for, a few rows at a time and on several threads. Copies share their values.
public struct Mask: Sendable {
  /// Pixels in a row of the picture.
  public let width: Int
  /// Rows of the picture.
  public let height: Int
  /// Where probabilities come from.
  let source: MaskSource
  /// Where the decision comes from which pixels are inside, if not from the probabilities.
  let decision: MaskSource?
  /// Area and box of `hard()`, where whoever made the mask knew them.
  let extent: MaskExtent?
  let pool: WorkerPool

  init(
    width: Int, height: Int, source: MaskSource, decision: MaskSource? = nil, extent: MaskExtent? = nil,
    pool: WorkerPool
  ) {
    self.width = width
    self.height = height
    self.source = source
    self.decision = decision
    self.extent = extent
    self.pool = pool
  }

  // MARK: From other models

  /// A mask of probabilities at full size.
  ///
  /// - Parameters:
  ///   - width: Pixels in a row, at least 1.
  ///   - height: Rows, at least 1.
  ///   - probabilities: Shape (height, width), 0 to 1.
  /// - Throws: `sizeMismatch`, or `invalidProbability` for values that are NaN or outside of 0 to 1.
  public init(width: Int, height: Int, probabilities: [Float]) throws {
    try Self.checkSize(width, height, count: probabilities.count)
    if let index = probabilities.firstIndex(where: { !(0...1).contains($0) }) {
      throw MaskMergingError(
        .invalidProbability,
        "a probability lies between 0 and 1, but that of pixel (\(index % width), \(index / width)) is "
          + "\(probabilities[index])")
    }
    self.init(width: width, height: height, source: .probabilities(Constant(probabilities)), pool: .forMasks)
  }

  /// A mask of mask logits on a coarse grid that covers the whole picture, as segmentation networks give them.
  ///
  /// Logits are brought to full size by bilinear interpolation (PyTorch's, `align_corners=False`); the probability is
  /// their logistic function, and a pixel is inside where the logit is positive.
  /// - Parameters:
  ///   - logits: Shape (gridHeight, gridWidth); those beyond ±10³⁰ count as that.
  ///   - gridWidth: Values in a row of the grid, at least 1.
  ///   - gridHeight: Rows of the grid, at least 1.
  ///   - width: Pixels in a row of the picture, at least 1.
  ///   - height: Rows of the picture, at least 1.
  /// - Throws: `sizeMismatch`, or `invalidProbability` for logits that are NaN.
  public init(logits: [Float], gridWidth: Int, gridHeight: Int, width: Int, height: Int) throws {
    try Self.checkSize(gridWidth, gridHeight, count: logits.count)
    try Self.checkSize(width, height, count: nil)
    if let index = logits.firstIndex(where: \.isNaN) {
      throw MaskMergingError(
        .invalidProbability, "the logit at (\(index % gridWidth), \(index / gridWidth)) of the grid is not a number")
    }
    let bounded = logits.map { min(max($0, -Self.certainLogit), Self.certainLogit) }
    let grid = MaskGrid(
      CoarsePlane(Constant(bounded)), rows: .bilinear(from: gridHeight, to: height),
      columns: .bilinear(from: gridWidth, to: width))
    self.init(width: width, height: height, source: .logits(grid), pool: .forMasks)
  }

  /// A mask of 8-bit probabilities: 0 is none, 255 is certain.
  public init(_ image: GrayImage) { self.init(image, pool: .forMasks) }

  package init(_ image: GrayImage, pool: WorkerPool) {
    self.init(width: image.width, height: image.height, source: .bytes(image), pool: pool)
  }

  /// A mask of probability 1 inside and 0 outside.
  public init(_ mask: BinaryMask) {
    self.init(width: mask.width, height: mask.height, source: .hard(mask), pool: .forMasks)
  }

  // MARK: From this package's network

  /// Mask logits of one query on a grid.
  package init(logits grid: MaskGrid, extent: MaskExtent?, pool: WorkerPool) {
    self.init(
      width: grid.columns.outputCount, height: grid.rows.outputCount, source: .logits(grid), extent: extent,
      pool: pool)
  }

  /// Class probabilities on a grid; inside are the pixels for which `labels` says `category`.
  package init(
    probabilities grid: MaskGrid, category: UInt8, of labels: LabelMap, extent: MaskExtent?, pool: WorkerPool
  ) {
    self.init(
      width: labels.width, height: labels.height, source: .grid(grid), decision: .labels(labels, category),
      extent: extent, pool: pool)
  }

  /// Class probabilities as a weighted sum of the masks of several queries; inside are the pixels for which `labels`
  /// says `category`.
  package init(
    mixture: [(weight: Float, grid: MaskGrid)], category: UInt8, of labels: LabelMap, extent: MaskExtent?,
    pool: WorkerPool
  ) {
    self.init(
      width: labels.width, height: labels.height,
      source: .mixture(mixture.map { MaskSource.Layer(weight: $0.weight, grid: $0.grid) }),
      decision: .labels(labels, category), extent: extent, pool: pool)
  }

  /// The pixels for which `labels` says `category`.
  package init(category: UInt8, of labels: LabelMap, pool: WorkerPool) {
    self.init(width: labels.width, height: labels.height, source: .labels(labels, category), pool: pool)
  }

  /// Large, but so that differences and products with weights are finite.
  private static let certainLogit: Float = 1e30

  private static func checkSize(_ width: Int, _ height: Int, count: Int?) throws {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, pixels <= 1 << 32 else {
      throw MaskMergingError(.sizeMismatch, "a mask has at least 1 × 1 pixels, not \(width) × \(height)")
    }
    guard count == nil || count == pixels else {
      throw MaskMergingError(
        .sizeMismatch, "\(width) × \(height) values are \(pixels), but \(count ?? 0) are given")
    }
  }
}

/// What is known of the pixels inside of a mask.
package struct MaskExtent: Sendable {
  /// How many there are.
  package let area: Int
  /// The smallest rectangle that holds them; nil where there are none.
  package let box: BoundingBox?

  package init(area: Int, box: BoundingBox?) {
    self.area = area
    self.box = box
  }
}
