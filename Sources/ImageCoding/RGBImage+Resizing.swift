package import TensorCore

extension RGBImage {
  /// The image at another size, byte for byte what Pillow's `resize((width, height), BILINEAR)` gives.
  ///
  /// One axis, then the other, rounded to bytes between; an axis whose size stays is left alone. As in Pillow 13 rows
  /// come first, unless the height shrinks by more than twice what the width does.
  ///
  /// - Precondition: `width` and `height` are at least 1, and the result fits in memory.
  package func resized(width: Int, height: Int, pool: WorkerPool) -> RGBImage {
    resized(width: width, height: height, pool: pool, kernels: ResampleKernels.best)
  }

  /// As above, with the kernels of a certain instruction set, nil for none.
  package func resized(width: Int, height: Int, pool: WorkerPool, kernels: ResampleKernels?) -> RGBImage {
    precondition(width > 0 && height > 0, "an image is at least 1 × 1")
    let columnsFirst = height < self.height && self.height - height > 2 * (self.width - width)
    if let kernels, !columnsFirst, width != self.width, height != self.height,
      let plan = BandPlan(from: (self.width, self.height), to: (width, height), kernels)
    {
      return resampled(in: plan, width: width, height: height, pool: pool)
    }
    var image = self
    if columnsFirst { image = image.resampledAlongColumns(to: height, pool: pool) }
    if width != image.width { image = image.resampledAlongRows(to: width, pool: pool) }
    if height != image.height { image = image.resampledAlongColumns(to: height, pool: pool) }
    return image
  }

  private func resampled(in plan: BandPlan, width: Int, height: Int, pool: WorkerPool) -> RGBImage {
    RGBImage(width, by: height) { output in
      pixels.withUnsafeBufferPointer { input in
        let resampler = BandResampler(plan: plan, input: input, inputRowBytes: 3 * self.width, output: output)
        pool.forEachRange(height, grain: 32) { rows, _ in resampler.resample(rows) }
      }
    }
  }

  private func resampledAlongRows(to width: Int, pool: WorkerPool) -> RGBImage {
    let taps = ResampleTaps(from: self.width, to: width)
    return RGBImage(width, by: height) { output in
      pixels.withUnsafeBufferPointer { input in
        let resampler = RowResampler(taps: taps, input: input, inputRowBytes: 3 * self.width, output: output)
        pool.forEachRange(height, grain: 8) { rows, _ in resampler.resample(rows) }
      }
    }
  }

  private func resampledAlongColumns(to height: Int, pool: WorkerPool) -> RGBImage {
    let taps = ResampleTaps(from: self.height, to: height)
    return RGBImage(width, by: height) { output in
      pixels.withUnsafeBufferPointer { input in
        let resampler = ColumnResampler(taps: taps, input: input, output: output, rowBytes: 3 * width)
        pool.forEachRange(height, grain: 4) { rows, _ in resampler.resample(rows) }
      }
    }
  }
}
