package import ImageCoding

/// A picture's brightness, with a border in which the pixels of its edges are repeated, so that patches may reach beyond.
package struct GrayPlane: Sendable, Hashable {
  /// Pixels of the border on each side.
  static let border = 16

  /// Pixels in a row.
  package let width: Int
  /// Rows.
  package let height: Int
  /// Values with the border, axes (height + 2 · border, width + 2 · border).
  private(set) var padded: [Float]

  /// Values in a row with its border.
  var stride: Int { width + 2 * Self.border }

  /// Index of a pixel in `padded`; coordinates may lie in the border.
  func index(_ x: Int, _ y: Int) -> Int { (y + Self.border) * stride + x + Self.border }

  /// A plane of values.
  ///
  /// - Parameters:
  ///   - values: Axes (height, width).
  /// - Precondition: Width and height are positive and fit the values.
  package init(width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0 && values.count == width * height, "a value a pixel")
    (self.width, self.height) = (width, height)
    let (stride, border) = (width + 2 * Self.border, Self.border)
    padded = [Float](unsafeUninitializedCapacity: stride * (height + 2 * border)) { target, count in
      for row in 0..<height + 2 * border {
        let start = min(max(row - border, 0), height - 1) * width
        for column in 0..<stride {
          target[row * stride + column] = values[start + min(max(column - border, 0), width - 1)]
        }
      }
      count = stride * (height + 2 * border)
    }
  }

  /// The luma of a picture, 0 to 255, made smaller.
  ///
  /// - Parameter cell: Edge of the squares of pixels whose mean becomes a value, at least 1; those at the right and at the
  ///   bottom may be smaller.
  package init(_ image: RGBImage, cell: Int) {
    precondition(cell > 0, "a cell has pixels")
    let (width, height) = ((image.width + cell - 1) / cell, (image.height + cell - 1) / cell)
    var values = [Float](repeating: 0, count: width * height)
    image.pixels.withUnsafeBufferPointer { pixels in
      for y in 0..<height {
        let rows = y * cell..<min((y + 1) * cell, image.height)
        for x in 0..<width {
          let columns = x * cell..<min((x + 1) * cell, image.width)
          var sum: Int32 = 0
          for row in rows {
            for column in columns {
              let pixel = 3 * (row * image.width + column)
              // Rec. 709, in 1024ths, so that the sum is exact.
              sum += 218 * Int32(pixels[pixel]) + 732 * Int32(pixels[pixel + 1]) + 74 * Int32(pixels[pixel + 2])
            }
          }
          values[y * width + x] = Float(sum) / (1024 * Float(rows.count * columns.count))
        }
      }
    }
    self.init(width: width, height: height, values: values)
  }

  /// Value of a pixel; beyond the edges, that of the nearest one.
  package subscript(x x: Int, y y: Int) -> Float {
    padded[index(min(max(x, 0), width - 1), min(max(y, 0), height - 1))]
  }

  /// Values without the border, axes (height, width).
  package var values: [Float] {
    (0..<height).flatMap { y in padded[index(0, y)..<index(0, y) + width] }
  }

  /// The plane at half its size: each value is the mean of four. Odd edges end with the repeated last row or column.
  func halved() -> GrayPlane {
    let (halfWidth, halfHeight) = ((width + 1) / 2, (height + 1) / 2)
    var values = [Float](repeating: 0, count: halfWidth * halfHeight)
    for y in 0..<halfHeight {
      let (upper, lower) = (index(0, 2 * y), index(0, 2 * y + 1))
      for x in 0..<halfWidth {
        let sum = padded[upper + 2 * x] + padded[upper + 2 * x + 1] + padded[lower + 2 * x] + padded[lower + 2 * x + 1]
        values[y * halfWidth + x] = sum / 4
      }
    }
    return GrayPlane(width: halfWidth, height: halfHeight, values: values)
  }

  /// Each value less the mean of its neighborhood, which hides what changes the light alone.
  ///
  /// - Parameter radius: Pixels to each side of a square that is the neighborhood, at most 16.
  package func flattened(radius: Int) -> GrayPlane {
    precondition((0...Self.border).contains(radius), "a neighborhood within the border")
    let edge = 2 * radius + 1
    var sums = [Float](repeating: 0, count: width * (height + 2 * radius))
    for y in -radius..<height + radius {
      for x in 0..<width {
        var sum: Float = 0
        for place in index(x - radius, y)...index(x + radius, y) { sum += padded[place] }
        sums[(y + radius) * width + x] = sum
      }
    }
    var values = [Float](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        var sum: Float = 0
        for row in y..<y + edge { sum += sums[row * width + x] }
        values[y * width + x] = padded[index(x, y)] - sum / Float(edge * edge)
      }
    }
    return GrayPlane(width: width, height: height, values: values)
  }
}
