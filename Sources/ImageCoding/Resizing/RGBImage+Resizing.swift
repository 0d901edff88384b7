package import TensorCore

extension RGBImage {
  /// The image at another size, byte for byte what Pillow's `resize((width, height), BILINEAR)` gives.
  ///
  /// The passes along the two axes round to bytes in between; an axis whose size does not change is skipped. As in
  /// Pillow 13 the horizontal pass comes first, unless the height shrinks by more than twice as much as the width.
  ///
  /// - Precondition: `width` and `height` are at least 1, and the result fits in memory.
  package func resized(width: Int, height: Int, pool: WorkerPool) -> RGBImage {
    resized(width: width, height: height, pool: pool, kernels: ResampleKernels.best)
  }

  /// As `resized(width:height:pool:)`, with the kernels of a given instruction set; `nil` for portable code.
  package func resized(width: Int, height: Int, pool: WorkerPool, kernels: ResampleKernels?) -> RGBImage {
    precondition(width > 0 && height > 0, "an image is at least 1 × 1")
    let verticalFirst = height < self.height && self.height - height > 2 * (self.width - width)
    if let kernels, !verticalFirst, width != self.width, height != self.height,
      let plan = FusedResampler.Plan(from: (self.width, self.height), to: (width, height), kernels)
    {
      return resampled(plan, width: width, height: height, pool: pool)
    }
    var image = self
    if verticalFirst { image = image.resampledVertically(to: height, pool: pool) }
    if width != image.width { image = image.resampledHorizontally(to: width, pool: pool) }
    if height != image.height { image = image.resampledVertically(to: height, pool: pool) }
    return image
  }

  /// The image scaled to cover `width` × `height` entirely, and cropped evenly at both ends of the axis that sticks out.
  ///
  /// - Precondition: `width` and `height` are at least 1, and the result fits in memory.
  package func covering(width: Int, height: Int, pool: WorkerPool) -> RGBImage {
    // Comparing the aspect ratios tells which axis is cropped; the products stay far below the range of an integer.
    let isWider = self.width * height > width * self.height
    let columns = isWider ? min(max((self.height * width + height / 2) / height, 1), self.width) : self.width
    let rows = isWider ? self.height : min(max((self.width * height + width / 2) / width, 1), self.height)
    return cropped(
      x: (self.width - columns) / 2, y: (self.height - rows) / 2, width: columns, height: rows
    ).resized(width: width, height: height, pool: pool)
  }

  private func resampled(_ plan: FusedResampler.Plan, width: Int, height: Int, pool: WorkerPool) -> RGBImage {
    RGBImage(width, by: height) { output in
      pixels.withUnsafeBufferPointer { input in
        let resampler = FusedResampler(
          plan: plan, input: input, inputRowBytes: 3 * self.width, output: DisjointBuffer(output))
        pool.forEachRange(height, grain: 32) { rows, _ in resampler.resample(rows) }
      }
    }
  }

  private func resampledHorizontally(to width: Int, pool: WorkerPool) -> RGBImage {
    let weights = InterpolationWeights(from: self.width, to: width)
    return RGBImage(width, by: height) { output in
      pixels.withUnsafeBufferPointer { input in
        let resampler = HorizontalResampler(
          weights: weights, input: input, inputRowBytes: 3 * self.width, output: DisjointBuffer(output))
        pool.forEachRange(height, grain: 8) { rows, _ in resampler.resample(rows) }
      }
    }
  }

  private func resampledVertically(to height: Int, pool: WorkerPool) -> RGBImage {
    let weights = InterpolationWeights(from: self.height, to: height)
    return RGBImage(width, by: height) { output in
      pixels.withUnsafeBufferPointer { input in
        let resampler = VerticalResampler(
          weights: weights, input: input, output: DisjointBuffer(output), rowBytes: 3 * width)
        pool.forEachRange(height, grain: 4) { rows, _ in resampler.resample(rows) }
      }
    }
  }

  /// The pixels inside a rectangle, which lies within the image.
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
