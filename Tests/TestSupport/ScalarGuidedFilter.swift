extension Scalar {
  /// The guided filter with a guide of three colours, window by window, in double precision; q is kept within 0 to 1.
  ///
  /// - Parameters:
  ///   - p: Axes (height, width).
  ///   - guide: 0 to 1, axes (height, width, 3).
  ///   - radius: Windows reach so many cells to each side.
  ///   - cell: Coefficients are computed on means over cells of so many pixels along each axis.
  package static func guidedFilter(
    _ p: [Float], guide: [Float], height: Int, width: Int, radius: Int, epsilon: Double, cell: Int
  ) -> [Float] {
    let (rows, columns) = ((height + cell - 1) / cell, (width + cell - 1) / cell)
    let coarseP = cellMeans(p, height: height, width: width, channels: 1, cell: cell)
    let coarseGuide = cellMeans(guide, height: height, width: width, channels: 3, cell: cell)
    var model: [[Double]] = []
    for y in 0..<rows {
      for x in 0..<columns {
        let window = window(y, x, rows, columns, radius)
        let mean = window.mean { coarseGuide[$0] }
        let meanP = window.mean { coarseP[$0] }[0]
        let covariance = (0..<3).map { c in window.mean { [coarseGuide[$0][c] * coarseP[$0][0]] }[0] - mean[c] * meanP }
        let sigma = (0..<3).map { a in
          (0..<3).map { b in
            window.mean { [coarseGuide[$0][a] * coarseGuide[$0][b]] }[0] - mean[a] * mean[b] + (a == b ? epsilon : 0)
          }
        }
        let slope = solve(sigma, covariance)
        model.append(slope + [meanP - zip(slope, mean).reduce(0) { $0 + $1.0 * $1.1 }])
      }
    }
    let smooth = (0..<rows * columns).map { place in
      window(place / columns, place % columns, rows, columns, radius).mean { model[$0] }
    }
    return (0..<height * width).map { pixel in
      let (y, x) = (tap(pixel / width, cell, rows), tap(pixel % width, cell, columns))
      let coefficients = (0..<4).map { k in
        func value(_ row: Int, _ column: Int) -> Double { smooth[row * columns + column][k] }
        let upper = value(y.first, x.first) * (1 - x.share) + value(y.first, x.second) * x.share
        let lower = value(y.second, x.first) * (1 - x.share) + value(y.second, x.second) * x.share
        return upper * (1 - y.share) + lower * y.share
      }
      let q = (0..<3).reduce(coefficients[3]) { $0 + coefficients[$1] * Double(guide[3 * pixel + $1]) }
      return Float(min(max(q, 0), 1))
    }
  }

  private static func cellMeans(_ values: [Float], height: Int, width: Int, channels: Int, cell: Int) -> [[Double]] {
    stride(from: 0, to: height, by: cell).flatMap { top in
      stride(from: 0, to: width, by: cell).map { left in
        let pixels = (top..<min(top + cell, height)).flatMap { y in
          (left..<min(left + cell, width)).map { y * width + $0 }
        }
        return pixels.mean { pixel in (0..<channels).map { Double(values[pixel * channels + $0]) } }
      }
    }
  }

  private static func window(_ y: Int, _ x: Int, _ rows: Int, _ columns: Int, _ radius: Int) -> [Int] {
    (max(y - radius, 0)...min(y + radius, rows - 1)).flatMap { row in
      (max(x - radius, 0)...min(x + radius, columns - 1)).map { row * columns + $0 }
    }
  }

  private static func tap(_ pixel: Int, _ cell: Int, _ count: Int) -> (first: Int, second: Int, share: Double) {
    let position = min(max((Double(pixel) + 0.5) / Double(cell) - 0.5, 0), Double(count - 1))
    return (Int(position), min(Int(position) + 1, count - 1), position - position.rounded(.down))
  }

  /// Cramer's rule for three equations.
  private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    func determinant(_ m: [[Double]]) -> Double {
      m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    }
    return (0..<3).map { column in
      var replaced = matrix
      for row in 0..<3 { replaced[row][column] = right[row] }
      return determinant(replaced) / determinant(matrix)
    }
  }
}

extension [Int] {
  /// The mean, element by element, of what `values` says of each.
  fileprivate func mean(_ values: (Int) -> [Double]) -> [Double] {
    let all = map(values)
    return (all.first ?? []).indices.map { index in all.reduce(0) { $0 + $1[index] } / Double(all.count) }
  }
}
