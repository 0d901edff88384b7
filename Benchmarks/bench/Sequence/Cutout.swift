import ImageCoding
import TensorCore

/// A person of a still photograph, cut out by a known mask, at the size that they have in a shot.
struct Cutout: Sendable {
  let width: Int
  let height: Int
  /// Axes (height, width, 3).
  let colors: [UInt8]
  /// 0 to 1.
  let alpha: [Float]
  /// Class of each pixel; 255 where nobody knows.
  let labels: [UInt8]

  /// Pixels around the mask's box.
  private static let margin = 4

  /// - Parameters:
  ///   - isInside: The mask, axes (height, width) of the photograph.
  ///   - labels: Classes of the photograph's pixels.
  ///   - height: Rows of the person in the shot.
  /// - Returns: `nil` if the mask is empty.
  init?(_ photograph: RGBImage, isInside: [Bool], labels: [UInt8], height: Int, pool: WorkerPool) throws {
    let inside = isInside.indices.filter { isInside[$0] }
    let (columns, rows) = (inside.map { $0 % photograph.width }, inside.map { $0 / photograph.width })
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max() else {
      return nil
    }
    let scale = Double(height) / Double(bottom - top + 1)
    let x = max(left - Self.margin, 0)..<min(right + 1 + Self.margin, photograph.width)
    let y = max(top - Self.margin, 0)..<min(bottom + 1 + Self.margin, photograph.height)
    let places = y.flatMap { y in x.map { x in y * photograph.width + x } }
    let size = (
      width: max(Int((Double(x.count) * scale).rounded()), 1), height: max(Int((Double(y.count) * scale).rounded()), 1)
    )
    func resized(_ pixels: [UInt8]) throws -> [UInt8] {
      try RGBImage(width: x.count, height: y.count, pixels: pixels)
        .resized(width: size.width, height: size.height, pool: pool).pixels
    }
    let (source, pixels) = (x.count, photograph.pixels)
    colors = try resized(places.flatMap { pixels[3 * $0..<3 * $0 + 3] })
    let mask = try resized(places.flatMap { Array(repeating: isInside[$0] ? UInt8(255) : 0, count: 3) })
    alpha = (0..<size.width * size.height).map { Float(mask[3 * $0]) / 255 }
    self.labels = (0..<size.width * size.height).map { place in
      let (column, row) = (place % size.width, place / size.width)
      let place = (2 * row + 1) * y.count / (2 * size.height) * source + (2 * column + 1) * source / (2 * size.width)
      // Beside the mask the nearest label would be the background's.
      return isInside[places[place]] ? labels[places[place]] : ClassOfNobody.index
    }
    (self.width, self.height) = size
  }

  /// Color and alpha at a point in pixels, bilinear; nothing outside.
  func sample(_ x: Float, _ y: Float) -> (color: SIMD3<Float>, alpha: Float) {
    guard x >= 0, y >= 0, x < Float(width - 1), y < Float(height - 1) else { return (SIMD3(), 0) }
    let (left, top) = (Int(x), Int(y))
    let (shareX, shareY) = (x - Float(left), y - Float(top))
    var (color, alpha) = (SIMD3<Float>(), Float(0))
    for (place, share) in [
      (top * width + left, (1 - shareX) * (1 - shareY)), (top * width + left + 1, shareX * (1 - shareY)),
      ((top + 1) * width + left, (1 - shareX) * shareY), ((top + 1) * width + left + 1, shareX * shareY),
    ] {
      color += share * SIMD3(Float(colors[3 * place]), Float(colors[3 * place + 1]), Float(colors[3 * place + 2]))
      alpha += share * self.alpha[place]
    }
    return (color, alpha)
  }

  /// Class at a point in pixels.
  func label(_ x: Float, _ y: Float) -> UInt8 {
    let (column, row) = (min(max(Int(x.rounded()), 0), width - 1), min(max(Int(y.rounded()), 0), height - 1))
    return labels[row * width + column]
  }
}

/// The label of pixels that are not counted.
enum ClassOfNobody {
  static let index: UInt8 = 255
}
