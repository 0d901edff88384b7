package import ImageCoding
package import M2FP
package import TensorCore

/// From a photo to the network's input, as ModelScope's pipeline does it.
package struct Preprocessing: Sendable {
  let configuration: Configuration

  package init(configuration: Configuration) { self.configuration = configuration }

  /// Means and standard deviations of the R, G and B of the data that the backbones were trained on.
  private static let mean: [Float] = [123.675, 116.28, 103.53]
  private static let standardDeviation: [Float] = [58.395, 57.12, 57.375]
  /// What surrounds a single human that does not fill the network's input.
  private static let gray: UInt8 = 128

  /// The photo at the network's size, before normalization, and how it lies there.
  package struct Prepared {
    package let pixels: RGBImage
    package let geometry: InputGeometry
  }

  package func callAsFunction(_ image: RGBImage, pool: WorkerPool) throws -> Prepared {
    try configuration.model.singleHuman ? singleHuman(image, pool: pool) : multipleHumans(image, pool: pool)
  }

  /// The pixels normalized, and padded at the right and the bottom with zeros: (H, W, 3).
  func normalized(_ prepared: Prepared, arena: Arena, pool: WorkerPool) -> Tensor<Float> {
    let image = prepared.pixels
    let geometry = prepared.geometry
    let tensor = arena.tensor(height: geometry.paddedHeight, width: geometry.paddedWidth, channels: 3)
    let map = tensor.map
    let values = Self.normalizedValues
    pool.forEachRange(map.height, grain: 16) { rows, _ in
      image.pixels.withUnsafeBufferPointer { pixels in
        for y in rows {
          let row = map.pixel(y, 0)
          let count = y < image.height ? image.width * 3 : 0
          for index in 0..<count {
            row[index] = values[index % 3 * 256 + Int(pixels[y * image.width * 3 + index])]
          }
          (row + count).update(repeating: 0, count: map.width * 3 - count)
        }
      }
    }
    return tensor
  }

  /// (channel, byte) → (byte − mean) / standard deviation.
  private static let normalizedValues: [Float] = (0..<3).flatMap { channel in
    (0..<256).map { (Float($0) - mean[channel]) / standardDeviation[channel] }
  }

  /// Short edge to `short_edge`, unless the long edge would exceed `max_size`.
  private func multipleHumans(_ image: RGBImage, pool: WorkerPool) throws -> Prepared {
    let size = Self.resizedSize(
      height: image.height, width: image.width, shortEdge: configuration.preprocess.shortEdge,
      maxSize: configuration.preprocess.maxSize)
    let resized = image.resized(width: size.width, height: size.height, pool: pool)
    return Prepared(
      pixels: resized,
      geometry: geometry(of: resized, rows: 0..<size.height, columns: 0..<size.width, source: image))
  }

  static func resizedSize(height: Int, width: Int, shortEdge: Int, maxSize: Int) -> (height: Int, width: Int) {
    let short = Double(shortEdge)
    let scale = short / Double(min(height, width))
    var (newHeight, newWidth) =
      height < width ? (short, scale * Double(width)) : (scale * Double(height), short)
    let longest = max(newHeight, newWidth)
    if longest > Double(maxSize) {
      newHeight *= Double(maxSize) / longest
      newWidth *= Double(maxSize) / longest
    }
    // A strip of one pixel's width would vanish.
    return (max(Int(newHeight + 0.5), 1), max(Int(newWidth + 0.5), 1))
  }

  /// Shrunk to fit where it is larger, then centred on gray.
  private func singleHuman(_ image: RGBImage, pool: WorkerPool) throws -> Prepared {
    let target = configuration.model.singleHumanSize
    let size = Self.fittedSize(height: image.height, width: image.width, into: (target.height, target.width))
    let fitted = image.resized(width: size.width, height: size.height, pool: pool)
    let top = (target.height - size.height) / 2
    let left = (target.width - size.width) / 2
    let rows = top..<top + size.height
    let columns = left..<left + size.width
    // The reference leaves a picture as it is where both margins round to nothing: one pixel short, it stays so.
    guard top > 0 || left > 0 else {
      return Prepared(pixels: fitted, geometry: geometry(of: fitted, rows: rows, columns: columns, source: image))
    }
    let padded = try Self.padded(fitted, rows: rows, columns: columns, to: (target.height, target.width))
    return Prepared(pixels: padded, geometry: geometry(of: padded, rows: rows, columns: columns, source: image))
  }

  typealias Size = (height: Int, width: Int)

  static func fittedSize(height: Int, width: Int, into target: Size) -> Size {
    func scaled(_ edge: Int, _ numerator: Int, _ denominator: Int) -> Int {
      max(Int(Double(edge * numerator) / Double(denominator)), 1)
    }
    let byHeight = (target.height, scaled(target.height, width, height))
    let byWidth = (scaled(target.width, height, width), target.width)
    switch (height > target.height, width > target.width) {
    case (false, false): return (height, width)
    case (true, false): return byHeight
    case (false, true): return byWidth
    case (true, true):
      if height >= width { return byHeight.1 > target.width ? byWidth : byHeight }
      return byWidth.0 > target.height ? byHeight : byWidth
    }
  }

  private static func padded(
    _ image: RGBImage, rows: Range<Int>, columns: Range<Int>, to target: Size
  ) throws -> RGBImage {
    var pixels = [UInt8](repeating: gray, count: target.height * target.width * 3)
    for (y, row) in rows.enumerated() {
      let start = (row * target.width + columns.lowerBound) * 3
      let count = image.width * 3
      pixels.replaceSubrange(start..<start + count, with: image.pixels[(y * count)..<((y + 1) * count)])
    }
    return try RGBImage(width: target.width, height: target.height, pixels: pixels)
  }

  private func geometry(
    of input: RGBImage, rows: Range<Int>, columns: Range<Int>, source: RGBImage
  ) -> InputGeometry {
    func padded(_ size: Int) -> Int {
      (size + M2FPNetwork.sizeDivisibility - 1) / M2FPNetwork.sizeDivisibility * M2FPNetwork.sizeDivisibility
    }
    return InputGeometry(
      paddedHeight: padded(input.height), paddedWidth: padded(input.width), rows: rows, columns: columns,
      sourceHeight: source.height, sourceWidth: source.width)
  }
}
