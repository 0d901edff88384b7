import KernelTestSupport
import TensorCore
import TensorKernels

/// Pooling, resizing and the position embedding of feature maps.
func tryMaps(_ trial: inout Trial) {
  // Height, width, channels, kernel, stride, padding.
  for (height, width, channels, kernel, stride, padding) in [
    (1, 1, 3, 3, 2, 1), (2, 9, 8, 3, 2, 1), (9, 2, 9, 3, 2, 1), (12, 13, 16, 3, 2, 1), (11, 11, 17, 3, 1, 1),
    (10, 7, 4, 5, 3, 2),
  ] {
    tryMaxPool(height, width, channels, kernel: kernel, stride: stride, padding: padding, &trial)
  }
  // Height, width, channels, new height, new width.
  for (height, width, channels, newHeight, newWidth) in [
    (1, 1, 3, 4, 5), (4, 5, 3, 1, 1), (3, 7, 8, 6, 14), (8, 3, 17, 13, 20), (20, 13, 4, 8, 3), (9, 9, 33, 18, 9),
  ] {
    for accumulate in [false, true] { tryResize(height, width, channels, newHeight, newWidth, accumulate, &trial) }
  }
  for (height, width, channels) in [(1, 5, 16), (7, 1, 12), (5, 4, 30)] {
    trial.expect(
      "position embedding \(height) x \(width) x \(channels)",
      near: Scalar.sinePositionEmbedding(height: height, width: width, channels: channels), absolute: 2e-6, relative: 0
    ) { _ in
      let y = GuardedMatrix(rows: height * width, columns: channels, gap: 1)
      sinePositionEmbedding(height: height, width: width, into: y.view)
      return .matrix(y)
    }
  }
}

private func tryMaxPool(
  _ height: Int, _ width: Int, _ channels: Int, kernel: Int, stride: Int, padding: Int, _ trial: inout Trial
) {
  var random = SeededGenerator(height + width)
  let name = "max pool \(height) x \(width) x \(channels), kernel \(kernel), stride \(stride)"
  // All negative: padding must not count as 0.
  let x = random.matrix(height * width, channels, in: -2 ... -1)
  let expected = Scalar.maxPool(
    x.values, height: height, width: width, channels: channels, kernel: kernel, stride: stride, padding: padding)
  trial.expect(name, equal: expected) { context in
    let y = maxPool(x.map(height: height, width: width), kernel: kernel, stride: stride, padding: padding, context)
    return .floats(Array(y.elements))
  }
}

private func tryResize(
  _ height: Int, _ width: Int, _ channels: Int, _ newHeight: Int, _ newWidth: Int, _ accumulate: Bool,
  _ trial: inout Trial
) {
  var random = SeededGenerator(height + newHeight)
  let x = random.matrix(height * width, channels)
  let before = random.floats(newHeight * newWidth * channels)
  let name = "resize \(height) x \(width) x \(channels) to \(newHeight) x \(newWidth), adding \(accumulate)"
  func expected(_ resized: [Float]) -> [Float] {
    Scalar.finish(resized, residual: accumulate ? before : nil, relu: false)
  }
  let bilinear = Scalar.bilinearResize(
    x.values, height: height, width: width, channels: channels, toHeight: newHeight, toWidth: newWidth)
  trial.expect("bilinear \(name)", near: expected(bilinear), absolute: 1e-5, relative: 0) { context in
    let y = GuardedMatrix(rows: newHeight * newWidth, columns: channels, values: before)
    bilinearResize(
      x.map(height: height, width: width), into: y.map(height: newHeight, width: newWidth), accumulate: accumulate,
      context)
    return .matrix(y)
  }
  let nearest = Scalar.nearestResize(
    x.values, height: height, width: width, channels: channels, toHeight: newHeight, toWidth: newWidth)
  trial.expect("nearest \(name)", equal: expected(nearest)) { context in
    let y = GuardedMatrix(rows: newHeight * newWidth, columns: channels, values: before)
    nearestResize(
      x.map(height: height, width: width), into: y.map(height: newHeight, width: newWidth), accumulate: accumulate,
      context)
    return .matrix(y)
  }
}
