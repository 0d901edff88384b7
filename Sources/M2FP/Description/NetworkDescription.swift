import TensorCore
import TensorKernels

/// The layers of a network, the parameters that a file has to hold, and the operations of a pass: recorded while the
/// network's constructors run without weights.
package struct NetworkDescription: Sendable {
  /// One request to the recorder.
  private enum Item {
    case layer(LayerDescription)
    /// The projections of an attention layer.
    case projections([LayerDescription])
    case parameter(Parameter)

    var layers: [LayerDescription] {
      switch self {
      case .layer(let layer): [layer]
      case .projections(let layers): layers
      case .parameter: []
      }
    }
  }

  /// All layers with weights, in the order of the constructors.
  package let layers: [LayerDescription]
  /// Operations of a pass, in the order of the constructors.
  package let operations: [NetworkOperation]
  /// Activations that no layer writes and that may be kept in int8.
  let storedTensors: [TensorDescription]
  private let items: [Item]

  package init(_ configuration: Configuration) {
    let recorder = Recorder()
    do {
      let builder = NetworkBuilder(recorder, prunedWidths: configuration.model.prunedWidths)
      _ = try M2FPNetwork(configuration, .fastest, builder)
    } catch {
      preconditionFailure("a description reads no file: \(error)")
    }
    let layers = recorder.items.flatMap(\.layers)
    let residuals = Set(layers.compactMap(\.residual)).subtracting(layers.map(\.input.name))
    func complete(_ layer: LayerDescription) -> LayerDescription {
      var layer = layer
      layer.quantizesOutput = residuals.contains(layer.output.name)
      return layer
    }
    items = recorder.items.map { item in
      switch item {
      case .layer(let layer): .layer(complete(layer))
      case .projections, .parameter: item
      }
    }
    self.layers = items.flatMap(\.layers)
    operations = recorder.operations
    storedTensors = recorder.storedTensors
  }

  /// The layers that may be quantized.
  package var quantizableLayers: [LayerDescription] { layers.filter(\.isQuantizable) }

  /// The layers of which outputs can be left out, together with the weights of the one layer that reads them: the inner
  /// layers of residual blocks, of a DeepLab stem and of the pixel decoder's feed-forward networks. Nothing else sees
  /// their outputs.
  package var prunableLayers: [(layer: LayerDescription, reader: LayerDescription)] {
    let readers = Dictionary(grouping: layers, by: \.input.name)
    let residuals = Set(layers.compactMap(\.residual))
    return layers.compactMap { layer in
      guard layer.mayWriteInt8, layer.residual == nil, !residuals.contains(layer.output.name),
        let readers = readers[layer.output.name], readers.count == 1,
        readers[0].isConvolution == layer.isConvolution, readers[0].inputs == layer.outputs
      else { return nil }
      return (layer, readers[0])
    }
  }

  /// The parameters of an fp32 or fp16 file, with batch norm folded into the convolutions. A file has to hold exactly
  /// these.
  package var parameters: [Parameter] {
    items.flatMap { item in
      switch item {
      case .layer(let layer): layer.parameters(isQuantized: false)
      case .projections(let layers): [stackedWeight(of: layers), stackedBias(of: layers)]
      case .parameter(let parameter): [parameter]
      }
    }
  }

  /// The parameters of an int8 file. The projections of the decoder's cross-attention are three tensors, since each may
  /// be quantized alone.
  ///
  /// - Parameter quantized: Names of the layers that are quantized.
  package func parameters(quantized: Set<String>) -> [Parameter] {
    items.flatMap { item in
      switch item {
      case .layer(let layer): layer.parameters(isQuantized: quantized.contains(layer.name))
      case .projections(let layers) where layers.contains(where: \.isQuantizable):
        layers.flatMap { $0.parameters(isQuantized: quantized.contains($0.name)) } + [stackedBias(of: layers)]
      case .projections(let layers): [stackedWeight(of: layers), stackedBias(of: layers)]
      case .parameter(let parameter): [parameter]
      }
    }
  }

  private func stackedWeight(of layers: [LayerDescription]) -> Parameter {
    Parameter(layers[0].stackedWeightName, [layers.count * layers[0].outputs, layers[0].inputs])
  }

  private func stackedBias(of layers: [LayerDescription]) -> Parameter {
    Parameter(layers[0].biasName, [layers.count * layers[0].outputs])
  }

  /// Makes layers without weights, and records what it is asked for.
  private final class Recorder: LayerSource {
    var items: [Item] = []
    var operations: [NetworkOperation] = []
    var storedTensors: [TensorDescription] = []

    func convolution(_ layer: LayerDescription) -> Convolution {
      items.append(.layer(layer))
      return Convolution(inputs: layer.inputs, outputs: layer.outputs, kernel: layer.shape[2])
    }

    func linear(_ layer: LayerDescription) -> Linear {
      items.append(.layer(layer))
      return Linear(inputs: layer.inputs, outputs: layer.outputs)
    }

    func projections(_ layers: [LayerDescription]) -> [Linear] {
      items.append(.projections(layers))
      return layers.map { Linear(inputs: $0.inputs, outputs: $0.outputs) }
    }

    func constant(_ parameter: Parameter) -> Constant<Float> {
      items.append(.parameter(parameter))
      return Constant(count: parameter.shape.reduce(1, *)) { _ in }
    }

    func quantization(of tensor: TensorDescription) -> QuantizationParameters? {
      storedTensors.append(tensor)
      return nil
    }

    func record(_ operation: NetworkOperation) { operations.append(operation) }
  }
}

/// A part of a forward pass whose operations are counted.
package struct NetworkOperation: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A square convolution, or a fully connected layer with a kernel of 1.
    case layer(kernel: Int)
    /// Scores and weighted sums of attention, without projections. The input is the keys, the output the queries.
    case attention
    /// Bilinear samples of each token and their weighted sums, without projections; `samples` is the number per head.
    case deformableAttention(heads: Int, samples: Int)
    /// The product of each row of the output with each row of the input: the masks of queries.
    case product
  }

  package let kind: Kind
  package let input: TensorDescription
  package let output: TensorDescription
  /// The stage of the pass, under the names that `bench engine` prints.
  package let stage: String
}
