package import TensorCore

extension RGBImage {
  /// The image at a size that it covers whole: what sticks out is cut off evenly at both ends, and the rest is resized.
  ///
  /// - Precondition: `width` and `height` are at least 1, and the result fits in memory.
  package func covering(width: Int, height: Int, pool: WorkerPool) -> RGBImage {
    // Which edge is cut says the comparison of the aspect ratios; products of sides stay far below an integer's range.
    let isWider = self.width * height > width * self.height
    let columns = isWider ? min(max((self.height * width + height / 2) / height, 1), self.width) : self.width
    let rows = isWider ? self.height : min(max((self.width * height + width / 2) / width, 1), self.height)
    return cropped(
      x: (self.width - columns) / 2, y: (self.height - rows) / 2, width: columns, height: rows
    ).resized(width: width, height: height, pool: pool)
  }

  /// The part of the image inside of a rectangle, which lies within the image.
  private func cropped(x: Int, y: Int, width: Int, height: Int) -> RGBImage {
    if width == self.width, height == self.height { return self }
    let stride = 3 * self.width
    return RGBImage(width, by: height) { target in
      pixels.withUnsafeBufferPointer { source in
        for row in 0..<height {
          let start = (y + row) * stride + 3 * x
          let line = UnsafeMutableBufferPointer(rebasing: target[row * 3 * width..<(row + 1) * 3 * width])
          _ = line.update(fromContentsOf: source[start..<start + 3 * width])
        }
      }
    }
  }
}
