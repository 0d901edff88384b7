/// The scalar twin of `RGBImage.resized`: Pillow 13's `BILINEAR`, one value at a time.
///
/// - Returns: Shape (`size.height`, `size.width`, 3).
/// - Parameters:
///   - pixels: Shape (`height`, `width`, 3).
///   - width: Pixels in a row.
///   - height: Rows.
///   - size: What the image becomes.
package func resampledReference(
  _ pixels: [UInt8], width: Int, height: Int, to size: (width: Int, height: Int)
) -> [UInt8] {
  func alongRows(_ image: [UInt8], rows: Int) -> [UInt8] {
    let weights = (0..<size.width).map { triangleWeights(at: $0, from: width, to: size.width) }
    var result: [UInt8] = []
    for row in 0..<rows {
      for window in weights {
        for channel in 0..<3 {
          result.append(weightedMean(window) { image[3 * (row * width + $0) + channel] })
        }
      }
    }
    return result
  }
  func alongColumns(_ image: [UInt8], columns: Int) -> [UInt8] {
    let weights = (0..<size.height).map { triangleWeights(at: $0, from: height, to: size.height) }
    var result: [UInt8] = []
    for window in weights {
      for value in 0..<(3 * columns) { result.append(weightedMean(window) { image[3 * columns * $0 + value] }) }
    }
    return result
  }
  switch (width != size.width, height != size.height) {
  case (false, false): return pixels
  case (true, false): return alongRows(pixels, rows: height)
  case (false, true): return alongColumns(pixels, columns: width)
  case (true, true):
    if height > size.height, height - size.height > 2 * (width - size.width) {
      return alongRows(alongColumns(pixels, columns: width), rows: size.height)
    }
    return alongColumns(alongRows(pixels, rows: height), columns: size.width)
  }
}

/// Input positions and their weights in units of 2⁻²².
private func triangleWeights(at position: Int, from inputSize: Int, to outputSize: Int) -> [(index: Int, weight: Int)] {
  let scale = Double(inputSize) / Double(outputSize)
  let support = scale < 1 ? 1 : scale
  let center = (Double(position) + 0.5) * scale
  let start = max(Int(center - support + 0.5), 0)
  let end = min(Int(center + support + 0.5), inputSize)
  var weights: [Double] = []
  var sum = 0.0
  for index in start..<end {
    let distance = abs((Double(index) - center + 0.5) * (1 / support))
    weights.append(distance < 1 ? 1 - distance : 0)
    sum += distance < 1 ? 1 - distance : 0
  }
  return zip(start..<end, weights).map { ($0, Int(0.5 + $1 / sum * 4_194_304)) }
}

private func weightedMean(_ window: [(index: Int, weight: Int)], _ value: (Int) -> UInt8) -> UInt8 {
  var sum = 1 << 21
  for (index, weight) in window { sum += weight * Int(value(index)) }
  return UInt8(min(max(sum >> 22, 0), 255))
}
