import Platform

extension Scalar {
  /// Bilinear resize of x (height, width, channels), pixel centres at half-integers, the border repeated.
  package static func bilinearResize(
    _ x: [Float], height: Int, width: Int, channels: Int, toHeight: Int, toWidth: Int
  ) -> [Float] {
    var y: [Float] = []
    for row in 0..<toHeight {
      let vertical = taps(row, from: height, to: toHeight)
      for column in 0..<toWidth {
        let horizontal = taps(column, from: width, to: toWidth)
        for channel in 0..<channels {
          var sum = 0.0
          for (sourceRow, rowWeight) in vertical {
            for (sourceColumn, columnWeight) in horizontal {
              sum += rowWeight * columnWeight * Double(x[(sourceRow * width + sourceColumn) * channels + channel])
            }
          }
          y.append(Float(sum))
        }
      }
    }
    return y
  }

  /// Nearest-neighbour resize of x (height, width, channels).
  package static func nearestResize(
    _ x: [Float], height: Int, width: Int, channels: Int, toHeight: Int, toWidth: Int
  ) -> [Float] {
    var y: [Float] = []
    for row in 0..<toHeight {
      for column in 0..<toWidth {
        // In single precision, because that decides where a product lies just below an integer.
        let sourceRow = min(Int(Float(row) * (Float(height) / Float(toHeight))), height - 1)
        let sourceColumn = min(Int(Float(column) * (Float(width) / Float(toWidth))), width - 1)
        y += x[(sourceRow * width + sourceColumn) * channels..<(sourceRow * width + sourceColumn + 1) * channels]
      }
    }
    return y
  }

  private static func taps(_ index: Int, from length: Int, to target: Int) -> [(index: Int, weight: Double)] {
    let position = max((Double(index) + 0.5) * Double(length) / Double(target) - 0.5, 0)
    let first = min(Int(position), length - 1)
    return [(first, 1 - (position - Double(first))), (min(first + 1, length - 1), position - Double(first))]
  }

  /// The sine position embedding (height · width, channels).
  package static func sinePositionEmbedding(height: Int, width: Int, channels: Int) -> [Float] {
    let half = channels / 2
    func wave(_ index: Int, _ length: Int, _ channel: Int) -> Float {
      let position = Double(index + 1) / (Double(length) + 1e-6) * 2 * Double.pi
      let angle = position / .pow(10_000, Double(2 * (channel / 2)) / Double(half))
      return Float(channel % 2 == 0 ? Double.sin(angle) : Double.cos(angle))
    }
    return (0..<height * width).flatMap { token in
      (0..<half).map { wave(token / width, height, $0) } + (0..<half).map { wave(token % width, width, $0) }
    }
  }
}
