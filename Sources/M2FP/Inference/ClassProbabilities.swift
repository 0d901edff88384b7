package import TensorCore
package import TensorKernels

/// Class probabilities at every pixel of the photo, in a compact form that is expanded row by row.
package enum ClassProbabilities: Sendable {
  /// Computed at the size of the network's input, axes (class, rows.inputCount, columns.inputCount), and resized.
  case planes(Constant<Float>, classes: Int, rows: AxisInterpolationWeights, columns: AxisInterpolationWeights)
  /// Computed at the photo's size from resized mask logits; weights have axes (class, query).
  case mixtures(M2FPOutput, weights: Constant<Float>, rows: AxisInterpolationWeights, columns: AxisInterpolationWeights)

  init(_ output: M2FPOutput, geometry: InputGeometry, options: InferenceOptions, pool: WorkerPool) {
    let probabilities = output.classProbabilities()
    let weights = Constant<Float>(count: probabilities.count) { weights in
      for (index, probability) in probabilities.enumerated() {
        weights[index % output.classes * output.queries + index / output.classes] = probability
      }
    }
    let rows = geometry.rowWeights(maskHeight: output.maskHeight)
    let columns = geometry.columnWeights(maskWidth: output.maskWidth)
    if options.postprocessBeforeInference || options.parsingOn {
      self = .mixtures(output, weights: weights, rows: rows, columns: columns)
      return
    }
    let inputRows = AxisInterpolationWeights.bilinear(from: output.maskHeight, to: geometry.paddedHeight).cropped(
      to: geometry.rows)
    let inputColumns = AxisInterpolationWeights.bilinear(from: output.maskWidth, to: geometry.paddedWidth)
      .cropped(to: geometry.columns)
    let planes = mixedPlanes(output, weights: weights, rows: inputRows, columns: inputColumns, pool: pool)
    self = .planes(
      planes, classes: output.classes,
      rows: .bilinear(from: inputRows.outputCount, to: geometry.sourceHeight),
      columns: .bilinear(from: inputColumns.outputCount, to: geometry.sourceWidth))
  }

  var classes: Int {
    switch self {
    case .planes(_, let classes, _, _): classes
    case .mixtures(let output, _, _, _): output.classes
    }
  }

  var rows: AxisInterpolationWeights {
    switch self {
    case .planes(_, _, let rows, _), .mixtures(_, _, let rows, _): rows
    }
  }

  var columns: AxisInterpolationWeights {
    switch self {
    case .planes(_, _, _, let columns), .mixtures(_, _, _, let columns): columns
    }
  }
}

/// Σ_query weights[class, query] · logistic(mask logits), axes (class, rows.outputCount, columns.outputCount).
private func mixedPlanes(
  _ output: M2FPOutput, weights: Constant<Float>, rows: AxisInterpolationWeights, columns: AxisInterpolationWeights,
  pool: WorkerPool
) -> Constant<Float> {
  let pixels = rows.outputCount * columns.outputCount
  let scratch = PerThread(pool) { MixtureRows(output, weights: weights, rows: rows, columns: columns) }
  return Constant(count: output.classes * pixels) { planes in
    guard let base = planes.baseAddress else { return }
    let all = Matrix(base, rows: output.classes, columns: pixels)
    let bands = (0..<rows.outputCount).split(by: 16)
    pool.forEach(bands.count) { band, thread in
      scratch[thread].begin()
      for y in bands[band] {
        let width = columns.outputCount
        scratch[thread].mix(y, into: all.columns(y * width..<(y + 1) * width))
      }
    }
  }
}
