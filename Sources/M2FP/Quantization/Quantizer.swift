import Platform
package import TensorCore
import TensorKernels

/// Post-training static quantization (Krishnamoorthi, arXiv 1806.08342; Nagel et al., arXiv 2106.08295): chooses
/// ranges, rounds weights and corrects biases, layer by layer, from the observations of calibration.
package struct Quantizer: Sendable {
  package struct Options: Sendable {
    /// Calibration methods to try; each tensor gets the one that gives its readers' results the smallest error.
    package var methods: [CalibrationMethod]
    /// Layers that stay in floating point: names, or parts of names between dots.
    package var keep: [String]
    /// Layers whose result has a smaller signal-to-noise ratio, in decibels, stay in floating point.
    package var minimumSignalToNoise: Double

    package init(
      methods: [CalibrationMethod] = CalibrationMethod.allCases, keep: [String] = [], minimumSignalToNoise: Double = 10
    ) {
      self.methods = methods
      self.keep = keep
      self.minimumSignalToNoise = minimumSignalToNoise
    }
  }

  let source: WeightsFile
  let options: Options

  /// - Parameter source: An fp32 or fp16 file.
  /// - Throws: `M2FPError` if the file is quantized already, or a name in `keep` matches none of its layers.
  package init(_ source: WeightsFile, _ options: Options = Options()) throws {
    guard source.precision != WeightsFile.int8 else {
      throw M2FPError(
        .alreadyQuantized, "\(source.name): expected weights in fp32 or fp16 to quantize, found int8")
    }
    let layers = source.description.quantizableLayers
    if let stranger = options.keep.first(where: { wanted in !layers.contains { $0.isNamed(wanted) } }) {
      throw M2FPError(.unknownLayer, "\(source.name): there is no layer \(stranger) that could be quantized")
    }
    self.source = source
    self.options = options
  }

  /// - Parameter pool: Threads to work on; the result does not depend on their number.
  /// - Throws: `M2FPError` or `CheckpointError` where a weight cannot be read.
  package func quantize(_ calibration: Calibration, pool: WorkerPool) throws -> QuantizedNetwork {
    let all = source.description.quantizableLayers
    let tensors = Dictionary(grouping: all.indices) { all[$0].input.name }.sorted { $0.value[0] < $1.value[0] }
    let results = pool.map(tensors.count) { index, _ in
      Result { try quantize(tensors[index].value.map { all[$0] }, calibration) }
    }
    var outcomes = [LayerOutcome?](repeating: nil, count: all.count)
    for (tensor, result) in zip(tensors, results) {
      for (place, outcome) in zip(tensor.value, try result.get()) { outcomes[place] = outcome }
    }
    return QuantizedNetwork(outcomes: outcomes.compactMap(\.self), pictures: calibration.pictures)
  }

  /// Quantizes all readers of one tensor.
  private func quantize(_ readers: [LayerDescription], _ calibration: Calibration) throws -> [LayerOutcome] {
    var outcomes: [String: LayerOutcome] = [:]
    var samples: [SampledLayer] = []
    var histogram = HistogramObserver()
    for layer in readers {
      if options.keep.contains(where: layer.isNamed) {
        outcomes[layer.name] = LayerOutcome(kept: layer, .asked)
      } else if let seen = calibration.observations[layer.name], !seen.rows.isEmpty, !seen.input.isTainted,
        !seen.output.isTainted
      {
        histogram.merge(seen.input)
        samples.append(try sample(layer, seen))
      } else {
        outcomes[layer.name] = LayerOutcome(kept: layer, .notSeen)
      }
    }
    for outcome in choose(samples, histogram, calibration) { outcomes[outcome.layer.name] = outcome }
    return readers.compactMap { outcomes[$0.name] }
  }

  /// Chooses the range with which the results of all readers have the smallest error.
  private func choose(
    _ samples: [SampledLayer], _ histogram: HistogramObserver, _ calibration: Calibration
  ) -> [LayerOutcome] {
    guard !samples.isEmpty else { return [] }
    let weights = samples.map { $0.quantizedWeight() }
    var best:
      (method: CalibrationMethod, input: QuantizationParameters, errors: [[SampledLayer.OutputError]], noise: Double)?
    for method in options.methods {
      let input = method.quantization(of: histogram)
      let errors = zip(samples, weights).map { $0.errors(of: $0.result(input, $1)) }
      let noise = zip(samples, errors).reduce(0) { $0 + 1 / $1.0.signalToNoise($1.1) }
      if best.map({ noise < $0.noise }) ?? true { best = (method, input, errors, noise) }
    }
    guard let best else { return [] }
    return samples.indices.map { index in
      let (sample, errors) = (samples[index], best.errors[index])
      let signalToNoise = 10 * Double.log10(sample.signalToNoise(errors))
      guard signalToNoise >= options.minimumSignalToNoise else {
        return LayerOutcome(kept: sample.layer, .sensitive, best.method, signalToNoise: signalToNoise)
      }
      // Bias correction (Nagel et al., arXiv 1906.04721, section 4.2): the bias takes the mean error.
      let bias = zip(sample.bias, errors).map { $0 - Float($1.mean) }
      let output = sample.layer.quantizesOutput ? calibration.observations[sample.layer.name]?.output : nil
      let quantized = QuantizedLayer(
        sample.layer, weight: weights[index].inFileOrder(of: sample.layer), bias: bias, input: best.input,
        output: output.map(best.method.quantization))
      return LayerOutcome(quantized, best.method, signalToNoise: signalToNoise)
    }
  }

  private func sample(_ layer: LayerDescription, _ seen: LayerObservation) throws -> SampledLayer {
    let rows = seen.rows.sorted { $0.rank < $1.rank }.map(\.values)
    return SampledLayer(
      layer, weight: try source.floatWeight(of: layer), bias: try source.floatBias(of: layer), rows: rows)
  }
}

extension LayerDescription {
  /// Whether `words` is the layer's name or a part of it between dots.
  package func isNamed(_ words: String) -> Bool {
    !words.isEmpty && ".\(name).".contains(".\(words).")
  }
}

extension SymmetricWeight {
  fileprivate func inFileOrder(of layer: LayerDescription) -> SymmetricWeight { reordered(layer.fileOrder) }
}

extension WeightsFile {
  /// The weight of a layer in an fp32 or fp16 file, in PyTorch's order.
  fileprivate func floatWeight(of layer: LayerDescription) throws -> [Float] {
    if case .projection(_) = layer.kind {
      return layer.part(ofStacked: try constant(layer.stackedWeightName)).withElements(Array.init)
    }
    return try constant(layer.weightName).withElements(Array.init)
  }

  fileprivate func floatBias(of layer: LayerDescription) throws -> [Float] {
    guard layer.hasBias else { return Array(repeating: 0, count: layer.outputs) }
    return layer.part(ofStacked: try constant(layer.biasName)).withElements(Array.init)
  }
}
