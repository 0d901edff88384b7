extension KeyMap {
  /// The parameters of an int8 file: the same network, with some layers quantized and the projections of the decoder's
  /// cross attention apart, since each may be quantized alone.
  ///
  /// - Parameter quantized: Names of the layers that are quantized.
  package static func parameters(of configuration: Configuration, quantized: Set<String>) -> [Parameter] {
    let layers = Dictionary(uniqueKeysWithValues: quantizableLayers(of: configuration).map { ($0.weightName, $0) })
    let stacked = Set((0..<configuration.model.decoder.layers).map { "\(cross($0)).in_proj_weight" })
    return parameters(of: configuration)
      .flatMap { stacked.contains($0.name) ? projections(of: $0) : [$0] }
      .flatMap { parameter in
        guard let layer = layers[parameter.name], quantized.contains(layer.name) else { return [parameter] }
        return layer.parameters
      }
  }

  /// The three weights that a stacked one consists of.
  static func projections(of stacked: Parameter) -> [Parameter] {
    let attention = stacked.name.dropLast(".in_proj_weight".count)
    return projectionNames.map { Parameter("\(attention).\($0)_weight", [stacked.shape[0] / 3, stacked.shape[1]]) }
  }

  /// In the order in which `nn.MultiheadAttention` stacks them.
  static let projectionNames = ["q_proj", "k_proj", "v_proj"]

  private static func cross(_ layer: Int) -> String { "\(crossAttention(layer)).multihead_attn" }
}

extension KeyMap {
  /// Every layer that int8 is meant for, in the order in which the network comes to them, with the tensor that each one
  /// reads.
  ///
  /// Not among them are the first convolution, which has three channels and reads the picture, and what works on a
  /// hundred queries only, but for the feed-forward networks. A tensor bears the name of the layer or block that
  /// writes it, or one below that name.
  package static func quantizableLayers(of configuration: Configuration) -> [QuantizableLayer] {
    let model = configuration.model
    let stages = backboneLayers(model.backbone)
    let channels = ResNetPlan(model.backbone).outputChannels
    let features = zip(stages.features, channels).map { Feature(name: $0, channels: $1) }
    let pixels =
      switch model.encoder.kind {
      case .msdeformattn: deformableDecoderLayers(model.encoder, features)
      case .fpn: fpnDecoderLayers(model.encoder, features)
      }
    return stages.layers + pixels.layers + transformerDecoderLayers(model, levels: pixels.levels)
  }

  /// The layers of the pixel decoder that read `res2` to `res5`.
  static func featureReaders(_ encoder: Configuration.PixelDecoder) -> [[String]] {
    switch encoder.kind {
    case .msdeformattn:
      [[lateral(1)]] + Configuration.transformerFeatures.indices.reversed().map { [inputProjection($0).convolution] }
    case .fpn:
      (1..<Configuration.features.count).map { [lateral($0)] } + [[output(Configuration.features.count)]]
    }
  }

  /// The projections of the decoder's layers that read each level of its memory.
  static func memoryReaders(_ decoder: Configuration.TransformerDecoder, _ projection: String) -> [[String]] {
    let levels = Configuration.transformerFeatures.count
    return (0..<levels).map { level in
      stride(from: level, to: decoder.layers, by: levels).map { "\(cross($0)).\(projection)" }
    }
  }

  /// A feature map of the backbone.
  private struct Feature {
    let name: String
    let channels: Int
  }

  private static func backboneLayers(
    _ backbone: Configuration.Backbone
  ) -> (layers: [QuantizableLayer], features: [String]) {
    var layers: [QuantizableLayer] = []
    if backbone.stem == .deeplab {
      let half = backbone.stemOutChannels / 2
      layers.append(convolution("\(stem).conv2", half, half, kernel: 3, reads: "\(stem).conv1"))
      layers.append(convolution("\(stem).conv3", half, backbone.stemOutChannels, kernel: 3, reads: "\(stem).conv2"))
    }
    var input = stem
    var features: [String] = []
    for stage in ResNetPlan(backbone).stages {
      for (index, block) in stage.blocks.enumerated() {
        let name = Self.block(stage: stage.number, index)
        layers += residualBlockLayers(name, block, reads: input)
        input = name
      }
      features.append(input)
    }
    return (layers, features)
  }

  private static func residualBlockLayers(
    _ name: String, _ block: ResNetPlan.Block, reads input: String
  ) -> [QuantizableLayer] {
    var layers: [QuantizableLayer] = []
    if block.hasShortcut {
      layers.append(
        convolution("\(name).shortcut", block.inputs, block.outputs, kernel: 1, reads: input, quantizesOutput: true))
    }
    switch block.kind {
    case .basic:
      layers.append(convolution("\(name).conv1", block.inputs, block.outputs, kernel: 3, reads: input))
      layers.append(convolution("\(name).conv2", block.outputs, block.outputs, kernel: 3, reads: "\(name).conv1"))
    case .bottleneck(let width):
      layers.append(convolution("\(name).conv1", block.inputs, width, kernel: 1, reads: input))
      layers.append(convolution("\(name).conv2", width, width, kernel: 3, reads: "\(name).conv1"))
      layers.append(convolution("\(name).conv3", width, block.outputs, kernel: 1, reads: "\(name).conv2"))
    }
    return layers
  }

  private static func deformableDecoderLayers(
    _ encoder: Configuration.PixelDecoder, _ features: [Feature]
  ) -> (layers: [QuantizableLayer], levels: [String]) {
    let dim = encoder.convDim
    var layers = features.dropFirst().reversed().enumerated().map { level, feature in
      convolution(inputProjection(level).convolution, feature.channels, dim, kernel: 1, reads: feature.name)
    }
    var tokens = "\(pixelDecoder).input_proj"
    for index in 0..<encoder.layers {
      let name = encoderLayer(index)
      layers += encoderLayers(name, encoder, levels: features.count - 1, reads: tokens)
      tokens = name
    }
    layers += fpnLevelLayers(1, features[0], dim)
    layers.append(convolution(maskFeatures, dim, encoder.maskDim, kernel: 1, reads: output(1)))
    return (layers, Array(repeating: tokens, count: Configuration.transformerFeatures.count))
  }

  private static func encoderLayers(
    _ name: String, _ encoder: Configuration.PixelDecoder, levels: Int, reads tokens: String
  ) -> [QuantizableLayer] {
    let dim = encoder.convDim
    let samples = encoder.heads * levels * Configuration.PixelDecoder.points
    let attention = "\(name).self_attn"
    return [
      linear("\(attention).sampling_offsets", dim, samples * 2, reads: "\(attention).query"),
      linear("\(attention).attention_weights", dim, samples, reads: "\(attention).query"),
      linear("\(attention).value_proj", dim, dim, reads: tokens),
      linear("\(attention).output_proj", dim, dim, reads: "\(attention).samples"),
      linear("\(name).linear1", dim, encoder.feedForward, reads: "\(name).norm1"),
      linear("\(name).linear2", encoder.feedForward, dim, reads: "\(name).linear1"),
    ]
  }

  private static func fpnDecoderLayers(
    _ encoder: Configuration.PixelDecoder, _ features: [Feature]
  ) -> (layers: [QuantizableLayer], levels: [String]) {
    let dim = encoder.convDim
    let coarsest = features.count
    var layers = [
      convolution(
        output(coarsest), features[coarsest - 1].channels, dim, kernel: 3, reads: features[coarsest - 1].name,
        hasBias: false)
    ]
    for level in (1..<coarsest).reversed() { layers += fpnLevelLayers(level, features[level - 1], dim) }
    layers.append(convolution(maskFeatures, dim, encoder.maskDim, kernel: 3, reads: output(1)))
    return (layers, (2...coarsest).reversed().map(output))
  }

  private static func fpnLevelLayers(_ level: Int, _ feature: Feature, _ dim: Int) -> [QuantizableLayer] {
    [
      convolution(lateral(level), feature.channels, dim, kernel: 1, reads: feature.name, hasBias: false),
      convolution(output(level), dim, dim, kernel: 3, reads: "\(lateral(level)).sum", hasBias: false),
    ]
  }

  private static func transformerDecoderLayers(
    _ model: Configuration.Model, levels: [String]
  ) -> [QuantizableLayer] {
    let decoder = model.decoder
    let dim = decoder.hiddenDim
    var layers: [QuantizableLayer] = []
    if decoder.projectsInput(from: model.encoder) {
      for (level, tokens) in levels.enumerated() {
        layers.append(
          convolution(decoderInputProjection(level), model.encoder.convDim, dim, kernel: 1, reads: tokens))
      }
    }
    for layer in 0..<decoder.layers {
      let level = layer % levels.count
      layers.append(projection(layer, index: 1, dim, reads: "\(predictor).memory.\(level).keys"))
      layers.append(projection(layer, index: 2, dim, reads: "\(predictor).memory.\(level).values"))
      let feedForward = feedForward(layer)
      layers.append(linear("\(feedForward).linear1", dim, decoder.feedForward, reads: "\(feedForward).queries"))
      layers.append(linear("\(feedForward).linear2", decoder.feedForward, dim, reads: "\(feedForward).linear1"))
    }
    return layers
  }

  private static func convolution(
    _ name: String, _ inputs: Int, _ outputs: Int, kernel: Int, reads input: String, hasBias: Bool = true,
    quantizesOutput: Bool = false
  ) -> QuantizableLayer {
    QuantizableLayer(
      name, .convolution(hasBias: hasBias), shape: [outputs, inputs, kernel, kernel], reads: input,
      quantizesOutput: quantizesOutput)
  }

  private static func linear(
    _ name: String, _ inputs: Int, _ outputs: Int, reads input: String
  ) -> QuantizableLayer {
    QuantizableLayer(name, .linear, shape: [outputs, inputs], reads: input)
  }

  private static func projection(_ layer: Int, index: Int, _ dim: Int, reads input: String) -> QuantizableLayer {
    QuantizableLayer(
      "\(cross(layer)).\(projectionNames[index])", .projection(index: index), shape: [dim, dim], reads: input)
  }
}
