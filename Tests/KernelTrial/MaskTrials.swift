import KernelTestSupport
import TensorCore
import TensorKernels

/// Mask logits, upsampled and looked at row by row.
func tryMaskRows(_ trial: inout Trial) {
  for span in [0..<0, 0..<1, 3..<4, 0..<7, 0..<8, 0..<9, 5..<21, 1..<64, 60..<70, 0..<131] {
    tryMaskRow(span, &trial)
  }
  for x in [-100, -20, -1, 1, 20, 100] as [Float] {
    let logits = (0..<17).map { x + Float($0) / 16 }
    trial.expect("logistic near \(x)", near: logits.map { Scalar.logistic($0) }, absolute: 1e-37, relative: 5e-7) {
      context in
      var values = logits
      logistic(&values, in: 0..<values.count, context.instructions)
      return .floats(values)
    }
  }
  let extremes: [Float] = [-.infinity, -200, -90, -20, 0, 20, 90, 200, .infinity, .nan]
  trial.expect("logistic of extremes", near: extremes.map { Scalar.logistic($0) }, absolute: 1e-6) { context in
    var values = extremes
    logistic(&values, in: 0..<values.count, context.instructions)
    return .floats(values)
  }
  tryUpsampler(mask: (8, 8), rows: 0..<31, columns: 0..<1, source: (33, 7), &trial)
  tryUpsampler(mask: (12, 9), rows: 7..<41, columns: 5..<30, source: (50, 29), &trial)
}

private func tryMaskRow(_ span: Range<Int>, _ trial: inout Trial) {
  let (count, name) = (131, "of columns \(span.lowerBound) to \(span.upperBound)")
  var random = SeededGenerator(span.count)
  let logits = random.floats(count, in: -3...3)

  let positive = Scalar.positiveLogits(logits, in: span)
  trial.expect("positive logits \(name)", near: [Float(positive.count), positive.sum], absolute: 1e-4) { context in
    let (count, sum) = positiveLogits(logits, in: span, context.instructions)
    return .floats([Float(count), sum])
  }

  let before = (sums: [Float](repeating: 0.25, count: count), counts: [Float](repeating: 1, count: count))
  var expected = before
  Scalar.addLikely(logits, in: span, scale: 0.8, sums: &expected.sums, counts: &expected.counts)
  trial.expect("likely logits \(name)", near: expected.sums + expected.counts, absolute: 1e-6) { context in
    var (sums, counts) = before
    addLikely(logits, in: span, scale: 0.8, sums: &sums, counts: &counts, context.instructions)
    return .floats(sums + counts)
  }

  let others = Array(logits.reversed())
  var (best, winners) = (others, [Int32](repeating: 3, count: count))
  Scalar.chooseLarger(logits, in: span, category: 7, best: &best, winners: &winners)
  trial.expect("larger logits \(name)", equal: best + winners.map { Float($0) }) { context in
    var (best, winners) = (others, [Int32](repeating: 3, count: count))
    chooseLarger(logits, in: span, category: 7, best: &best, winners: &winners, context.instructions)
    return .floats(best + winners.map { Float($0) })
  }

  let logistics = (0..<count).map { span.contains($0) ? Scalar.logistic(logits[$0]) : logits[$0] }
  trial.expect("logistic \(name)", near: logistics, absolute: 1e-6) { context in
    var values = logits
    logistic(&values, in: span, context.instructions)
    return .floats(values)
  }
}

private func tryUpsampler(
  mask: (height: Int, width: Int), rows: Range<Int>, columns: Range<Int>, source: (height: Int, width: Int),
  _ trial: inout Trial
) {
  var random = SeededGenerator(source.width)
  let plane = random.floats(mask.height * mask.width, in: -8...8)
  let padded = (height: 4 * mask.height, width: 4 * mask.width)
  let expected = Scalar.resizedPlane(
    plane, height: mask.height, width: mask.width, padded: padded, rows: rows, columns: columns, source: source)
  let rowWeights = AxisInterpolationWeights.bilinear(from: mask.height, to: padded.height).cropped(to: rows)
    .followed(by: .bilinear(from: rows.count, to: source.height))
  let columnWeights = AxisInterpolationWeights.bilinear(from: mask.width, to: padded.width).cropped(to: columns)
    .followed(by: .bilinear(from: columns.count, to: source.width))
  trial.expect(
    "upsampled plane \(mask.height) x \(mask.width) to \(source.height) x \(source.width)", near: expected,
    absolute: 2e-3
  ) { _ in
    let upsampler = PlaneUpsampler(rows: rowWeights, columns: columnWeights)
    upsampler.begin(CoarsePlane(Constant(plane)), support: PlaneSupport(everywhereOn: rowWeights, columnWeights))
    let result = GuardedMatrix(rows: source.height, columns: source.width, gap: 3)
    for y in 0..<source.height { _ = upsampler.row(y, into: result.view.row(y)) }
    return .matrix(result)
  }
}
