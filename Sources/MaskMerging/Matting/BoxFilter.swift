import TensorCore

/// Means over windows of (2 · radius + 1)² cells by running sums: the same few additions a cell for every radius.
///
/// Windows end at the grid's edges where those cut them off; beyond other edges they go on over zeros.
struct BoxFilter {
  let width: Int
  let height: Int
  let radius: Int
  var cutOff = (top: true, bottom: true, left: true, right: true)

  /// The mean of what `value` says of each cell, axes (height, width).
  @inline(__always)
  func mean(of value: (_ x: Int, _ y: Int) -> SIMD4<Float>) -> Constant<SIMD4<Float>> {
    // Sums along rows first, then along columns.
    let sums = Constant<SIMD4<Float>>(count: width * height) { sums in
      var line = [SIMD4<Float>](repeating: .zero, count: width)
      for y in 0..<height {
        for x in 0..<width { line[x] = value(x, y) }
        var sum = line.prefix(radius).reduce(.zero, +)
        for x in 0..<width {
          if x + radius < width { sum += line[x + radius] }
          if x - radius > 0 { sum -= line[x - radius - 1] }
          sums[y * width + x] = sum
        }
      }
    }
    return Constant(count: width * height) { means in
      var line = [SIMD4<Float>](repeating: .zero, count: width)
      for y in 0..<min(radius, height) { add(sums.pointer + y * width, to: &line, 1) }
      let weights = (0..<width).map {
        1 / Float(span($0, of: width, before: cutOff.left, after: cutOff.right))
      }
      for y in 0..<height {
        if y + radius < height { add(sums.pointer + (y + radius) * width, to: &line, 1) }
        if y - radius > 0 { add(sums.pointer + (y - radius - 1) * width, to: &line, -1) }
        let weight = 1 / Float(span(y, of: height, before: cutOff.top, after: cutOff.bottom))
        for x in 0..<width { means[y * width + x] = line[x] * (weights[x] * weight) }
      }
    }
  }

  @inline(__always)
  private func add(_ row: UnsafePointer<SIMD4<Float>>, to line: inout [SIMD4<Float>], _ sign: Float) {
    for x in 0..<width { line[x] += row[x] * sign }
  }

  /// Cells of a window along one axis.
  private func span(_ position: Int, of length: Int, before: Bool, after: Bool) -> Int {
    let first = before ? max(position - radius, 0) : position - radius
    let last = after ? min(position + radius, length - 1) : position + radius
    return last - first + 1
  }
}
