import TensorCore
import TensorKernels

/// Makes layers of the tensors of a weights file, whose names and shapes were checked when it was opened.
struct WeightsReader: LayerSource {
  let file: WeightsFile
  /// The activations that are int8; none in fp32 and fp16 files.
  let quantization: QuantizationAssignment
  /// Instructions that the layers compute with.
  let backend: KernelBackend
  /// Threads to pack weights on; `nil` for the caller's alone.
  let pool: WorkerPool?
  /// Arithmetic of the fp32 layers.
  let arithmetic: Arithmetic

  /// - Throws: `M2FPError` with code `invalidQuantization`.
  init(_ file: WeightsFile, backend: KernelBackend, pool: WorkerPool?) throws {
    self.file = file
    self.backend = backend
    self.pool = pool
    quantization = try QuantizationAssignment(file)
    arithmetic = file.precision == WeightsFile.int8 ? .reproducible : .fastest
  }

  func convolution(_ layer: LayerDescription) throws -> Convolution {
    guard case .convolution(let stride, let padding, let dilation) = layer.kind else {
      preconditionFailure("\(layer.name) is not a convolution")
    }
    let output = quantization[layer.output.name]
    if let weight = try file.quantizedWeight(of: layer) {
      return Convolution(
        quantized: weight, inputs: layer.inputs, outputs: layer.outputs, kernel: layer.shape[2], stride: stride,
        padding: padding, dilation: dilation, output: output,
        residual: output == nil ? nil : layer.residual.flatMap { quantization[$0] }, backend: backend,
        pool: pool)
    }
    let bias = layer.hasBias ? try file.constant(layer.biasName) : nil
    var convolution = try file.constant(layer.weightName).withElements { weight in
      Convolution(
        weightOIHW: weight, bias: bias, inputs: layer.inputs, outputs: layer.outputs, kernel: layer.shape[2],
        stride: stride, padding: padding, dilation: dilation, output: output, arithmetic: arithmetic,
        backend: backend, pool: pool)
    }
    convolution.name = layer.name
    return convolution
  }

  func linear(_ layer: LayerDescription) throws -> Linear {
    try quantizedLinear(layer)
      ?? linear(layer, weight: file.constant(layer.weightName), bias: file.constant(layer.biasName))
  }

  func projections(_ layers: [LayerDescription]) throws -> [Linear] {
    let bias = try file.constant(layers[0].biasName)
    let isStacked = file.has(layers[0].stackedWeightName)
    let stacked = isStacked ? try file.constant(layers[0].stackedWeightName) : nil
    return try layers.map { layer in
      try quantizedLinear(layer)
        ?? linear(
          layer, weight: stacked.map(layer.part(ofStacked:)) ?? file.constant(layer.weightName),
          bias: layer.part(ofStacked: bias))
    }
  }

  func constant(_ parameter: Parameter) throws -> Constant<Float> { try file.constant(parameter.name) }

  func quantization(of tensor: TensorDescription) -> QuantizationParameters? { quantization[tensor.name] }

  func record(_ operation: NetworkOperation) {}

  private func quantizedLinear(_ layer: LayerDescription) throws -> Linear? {
    try file.quantizedWeight(of: layer).map { weight in
      Linear(
        quantized: weight, inputs: layer.inputs, outputs: layer.outputs, output: quantization[layer.output.name],
        backend: backend, pool: pool)
    }
  }

  private func linear(_ layer: LayerDescription, weight: Constant<Float>, bias: Constant<Float>) -> Linear {
    var linear = Linear(
      weight: weight, bias: bias, inputs: layer.inputs, outputs: layer.outputs, arithmetic: arithmetic,
      backend: backend, pool: pool)
    linear.name = layer.name
    return linear
  }
}

extension LayerDescription {
  /// The layer's part of a weight or a bias that the projections of an attention share; all of it for other layers.
  func part(ofStacked values: Constant<Float>) -> Constant<Float> {
    guard case .projection(let index) = kind else { return values }
    let count = values.count / Self.projectionNames.count
    return values.part(index * count..<(index + 1) * count)
  }
}
