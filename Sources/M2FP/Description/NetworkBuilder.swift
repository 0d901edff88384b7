import TensorCore
import TensorKernels

/// Makes the layers that a `NetworkBuilder` asks for: from the weights of a file, or without weights, when a network is
/// only described.
protocol LayerSource {
  func convolution(_ layer: LayerDescription) throws -> Convolution
  func linear(_ layer: LayerDescription) throws -> Linear
  /// The three projections of an attention layer, whose weights and biases may be stacked.
  func projections(_ layers: [LayerDescription]) throws -> [Linear]
  func constant(_ parameter: Parameter) throws -> Constant<Float>
  /// Quantization of an activation that no layer writes but that may be kept in int8; `nil` if it is fp32.
  func quantization(of tensor: TensorDescription) -> QuantizationParameters?
  /// Called for everything that a pass computes.
  func record(_ operation: NetworkOperation)
}

/// The constructors of the network's modules get their layers from it, as in candle from a `VarBuilder`.
///
/// A constructor states each layer once: its name in a checkpoint, which is ModelScope's, the activation that it reads,
/// and its sizes. The parameters of a file, the readers of each activation, which quantization needs, and the number of
/// operations are derived from that. An `inout` activation is the layer's input before the call and its output after
/// it.
struct NetworkBuilder {
  private let source: any LayerSource
  /// Outputs of layers that were pruned, by name.
  private let prunedWidths: [String: Int]
  private var path = ""
  /// The stages of a pass in which the layers are called; a stage is listed once for each call.
  private var stages: [String] = []

  init(_ source: any LayerSource, prunedWidths: [String: Int] = [:]) {
    self.source = source
    self.prunedWidths = prunedWidths
  }

  /// A builder that prefixes names with this builder's path and `name`.
  func scope(_ name: String) -> NetworkBuilder {
    var builder = self
    builder.path = self.name(name)
    return builder
  }

  /// A builder whose layers are called in these stages of a pass, one call for each.
  func called(in stages: [String]) -> NetworkBuilder {
    var builder = self
    builder.stages = stages
    return builder
  }

  func called(in stage: String) -> NetworkBuilder { called(in: [stage]) }

  /// An activation that no layer writes.
  func tensor(_ name: String, channels: Int, _ rows: TensorDescription.Rows) -> TensorDescription {
    TensorDescription(name: self.name(name), channels: channels, rows: rows)
  }

  /// An activation with the shape of another.
  func tensor(_ name: String, like other: TensorDescription) -> TensorDescription {
    tensor(name, channels: other.channels, other.rows)
  }

  /// A parameter that belongs to no layer.
  func constant(_ name: String, _ shape: [Int]) throws -> Constant<Float> {
    try source.constant(Parameter(self.name(name), shape))
  }

  /// Quantization of an activation that no layer writes but that may be kept in int8; `nil` if it is fp32.
  func quantization(of tensor: TensorDescription) -> QuantizationParameters? { source.quantization(of: tensor) }

  private func name(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension NetworkBuilder {
  /// A square convolution.
  ///
  /// - Parameter residual: An activation of the output's shape that is added to the result.
  func convolution(
    _ name: String, _ x: inout TensorDescription, outputs: Int, kernel: Int = 1, stride: Int = 1, padding: Int = 0,
    dilation: Int = 1, bias: Bool = true, adding residual: TensorDescription? = nil
  ) throws -> Convolution {
    let output = tensor(name, channels: width(of: name, outputs), x.strided(by: stride).rows)
    let layer = LayerDescription(
      name: output.name, kind: .convolution(stride: stride, padding: padding, dilation: dilation),
      shape: [output.channels, x.channels, kernel, kernel], hasBias: bias, input: x, output: output,
      residual: residual?.name, mayWriteInt8: true)
    record(.layer(kernel: kernel), x, output)
    x = output
    return try source.convolution(layer)
  }

  func linear(_ name: String, _ x: inout TensorDescription, outputs: Int) throws -> Linear {
    let layer = linearDescription(name, x, outputs: outputs)
    x = layer.output
    return try source.linear(layer)
  }

  func linear(_ name: String, _ x: TensorDescription, outputs: Int) throws -> Linear {
    var x = x
    return try linear(name, &x, outputs: outputs)
  }

  /// The fused feed-forward network of `linear1`, `linear2` and `norm2`; the hidden activation may be int8.
  func feedForward(_ x: inout TensorDescription, hidden: Int) throws -> FeedForward {
    let first = linearDescription("linear1", x, outputs: width(of: "linear1", hidden), mayWriteInt8: true)
    let second = linearDescription("linear2", first.output, outputs: x.channels)
    let (linear1, linear2) = (try source.linear(first), try source.linear(second))
    return FeedForward(linear1: linear1, linear2: linear2, norm: try layerNorm("norm2", &x))
  }

  /// The query, key and value projections of PyTorch's `nn.MultiheadAttention`. Their weights are stacked in one
  /// tensor; in the cross-attention of int8 files they are three.
  func attentionProjections(
    query: TensorDescription, key: TensorDescription, value: TensorDescription
  ) throws -> (query: Linear, key: Linear, value: Linear) {
    let layers = zip([query, key, value], LayerDescription.projectionNames).enumerated().map { index, input in
      linearDescription(input.1, input.0, outputs: query.channels, kind: .projection(index: index))
    }
    let projections = try source.projections(layers)
    return (projections[0], projections[1], projections[2])
  }

  func layerNorm(_ name: String, _ x: inout TensorDescription) throws -> LayerNorm {
    x = tensor(name, like: x)
    return LayerNorm(
      weight: try constant("\(name).weight", [x.channels]), bias: try constant("\(name).bias", [x.channels]))
  }

  /// Group norm with 32 groups, as everywhere in Mask2Former.
  func groupNorm(_ name: String, _ x: inout TensorDescription) throws -> GroupNorm {
    x = tensor(name, like: x)
    return GroupNorm(
      groups: 32, weight: try constant("\(name).weight", [x.channels]),
      bias: try constant("\(name).bias", [x.channels]))
  }

  /// The number of a layer's outputs; fewer than its constructor asks for if the layer was pruned.
  private func width(of name: String, _ outputs: Int) -> Int { prunedWidths[self.name(name)] ?? outputs }

  private func linearDescription(
    _ name: String, _ x: TensorDescription, outputs: Int, kind: LayerDescription.Kind = .linear,
    mayWriteInt8: Bool = false
  ) -> LayerDescription {
    let output = tensor(name, channels: outputs, x.rows)
    record(.layer(kernel: 1), x, output)
    return LayerDescription(
      name: output.name, kind: kind, shape: [outputs, x.channels], hasBias: true, input: x, output: output,
      residual: nil, mayWriteInt8: mayWriteInt8)
  }
}

// Operations without weights, which are only counted.
extension NetworkBuilder {
  func attention(queries: TensorDescription, keys: TensorDescription) { record(.attention, keys, queries) }

  /// - Parameter samples: Number of samples per head, on all levels together.
  func deformableAttention(_ tokens: TensorDescription, heads: Int, samples: Int) {
    record(.deformableAttention(heads: heads, samples: samples), tokens, tokens)
  }

  /// The product of queries, each embedded in as many channels as pixels have, with the pixels.
  func product(queries: TensorDescription, pixels: TensorDescription) {
    var embedding = queries
    embedding.channels = pixels.channels
    record(.product, pixels, embedding)
  }

  private func record(_ kind: NetworkOperation.Kind, _ input: TensorDescription, _ output: TensorDescription) {
    for stage in stages {
      source.record(NetworkOperation(kind: kind, input: input, output: output, stage: stage))
    }
  }
}
