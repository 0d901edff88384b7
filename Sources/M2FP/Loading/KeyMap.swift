/// Where every parameter of the network lies in a checkpoint: the names of ModelScope's and Detectron2's M2FP.
///
/// The only place that knows a name. `parameters(of:)` is the whole list with shapes, which a file has to match exactly.
package enum KeyMap {
  static let stem = "backbone.stem"
  static func block(stage: Int, _ index: Int) -> String { "backbone.res\(stage).\(index)" }

  static let pixelDecoder = "sem_seg_head.pixel_decoder"
  /// The 1 × 1 convolution and the group norm in front of the transformer encoder; level 0 is the coarsest.
  static func inputProjection(_ level: Int) -> (convolution: String, norm: String) {
    ("\(pixelDecoder).input_proj.\(level).0", "\(pixelDecoder).input_proj.\(level).1")
  }
  static let encoderLevelEmbedding = "\(pixelDecoder).transformer.level_embed"
  static func encoderLayer(_ index: Int) -> String { "\(pixelDecoder).transformer.encoder.layers.\(index)" }
  /// Lateral and output convolution of an FPN level; 1 is the finest.
  static func lateral(_ level: Int) -> String { "\(pixelDecoder).adapter_\(level)" }
  static func output(_ level: Int) -> String { "\(pixelDecoder).layer_\(level)" }
  static let maskFeatures = "\(pixelDecoder).mask_features"

  static let predictor = "sem_seg_head.predictor"
  static func crossAttention(_ layer: Int) -> String { "\(predictor).transformer_cross_attention_layers.\(layer)" }
  static func selfAttention(_ layer: Int) -> String { "\(predictor).transformer_self_attention_layers.\(layer)" }
  static func feedForward(_ layer: Int) -> String { "\(predictor).transformer_ffn_layers.\(layer)" }
  static let decoderNorm = "\(predictor).decoder_norm"
  static let queryFeatures = "\(predictor).query_feat.weight"
  static let queryEmbedding = "\(predictor).query_embed.weight"
  static let levelEmbedding = "\(predictor).level_embed.weight"
  static func decoderInputProjection(_ level: Int) -> String { "\(predictor).input_proj.\(level)" }
  static let classEmbedding = "\(predictor).class_embed"
  static func maskEmbedding(_ layer: Int) -> String { "\(predictor).mask_embed.layers.\(layer)" }

  /// What checkpoints hold beside the parameters of inference: counters, the loss, and the pixel statistics, which are
  /// constants of the architecture.
  static func isIgnored(_ name: String) -> Bool {
    name.hasSuffix(".num_batches_tracked") || name.hasPrefix("criterion.") || name == "pixel_mean"
      || name == "pixel_std"
  }
}

extension KeyMap {
  /// Every parameter of the network that a configuration describes, batch norm folded into its convolution.
  package static func parameters(of configuration: Configuration) -> [Parameter] {
    let model = configuration.model
    return backbone(model.backbone) + pixelDecoder(model.encoder, backbone: model.backbone)
      + transformerDecoder(model.decoder, encoder: model.encoder)
  }

  private static func backbone(_ backbone: Configuration.Backbone) -> [Parameter] {
    var parameters: [Parameter] = []
    switch backbone.stem {
    case .basic:
      parameters += convolution("\(stem).conv1", 3, backbone.stemOutChannels, kernel: 7)
    case .deeplab:
      let half = backbone.stemOutChannels / 2
      parameters += convolution("\(stem).conv1", 3, half, kernel: 3)
      parameters += convolution("\(stem).conv2", half, half, kernel: 3)
      parameters += convolution("\(stem).conv3", half, backbone.stemOutChannels, kernel: 3)
    }
    for stage in ResNetPlan(backbone).stages {
      for (index, block) in stage.blocks.enumerated() {
        parameters += residualBlock(Self.block(stage: stage.number, index), block)
      }
    }
    return parameters
  }

  private static func residualBlock(_ name: String, _ block: ResNetPlan.Block) -> [Parameter] {
    var parameters: [Parameter] = []
    if block.hasShortcut { parameters += convolution("\(name).shortcut", block.inputs, block.outputs, kernel: 1) }
    switch block.kind {
    case .basic:
      parameters += convolution("\(name).conv1", block.inputs, block.outputs, kernel: 3)
      parameters += convolution("\(name).conv2", block.outputs, block.outputs, kernel: 3)
    case .bottleneck(let width):
      parameters += convolution("\(name).conv1", block.inputs, width, kernel: 1)
      parameters += convolution("\(name).conv2", width, width, kernel: 3)
      parameters += convolution("\(name).conv3", width, block.outputs, kernel: 1)
    }
    return parameters
  }

  private static func pixelDecoder(
    _ encoder: Configuration.PixelDecoder, backbone: Configuration.Backbone
  ) -> [Parameter] {
    let channels = ResNetPlan(backbone).outputChannels
    let dim = encoder.convDim
    switch encoder.kind {
    case .msdeformattn:
      var parameters: [Parameter] = []
      for (level, inputs) in channels.dropFirst().reversed().enumerated() {
        let names = inputProjection(level)
        parameters += convolution(names.convolution, inputs, dim, kernel: 1) + norm(names.norm, dim)
      }
      parameters.append(Parameter(encoderLevelEmbedding, [channels.count - 1, dim]))
      for layer in 0..<encoder.layers {
        parameters += deformableEncoderLayer(encoderLayer(layer), encoder, levels: channels.count - 1)
      }
      parameters += fpnLevel(1, inputs: channels[0], dim)
      return parameters + convolution(maskFeatures, dim, encoder.maskDim, kernel: 1)
    case .fpn:
      var parameters: [Parameter] = []
      for (index, inputs) in channels.dropLast().enumerated() { parameters += fpnLevel(index + 1, inputs: inputs, dim) }
      let coarsest = output(channels.count)
      parameters += weight(coarsest, channels[channels.count - 1], dim, kernel: 3) + norm("\(coarsest).norm", dim)
      return parameters + convolution(maskFeatures, dim, encoder.maskDim, kernel: 3)
    }
  }

  private static func fpnLevel(_ level: Int, inputs: Int, _ dim: Int) -> [Parameter] {
    weight(lateral(level), inputs, dim, kernel: 1) + norm("\(lateral(level)).norm", dim)
      + weight(output(level), dim, dim, kernel: 3) + norm("\(output(level)).norm", dim)
  }

  private static func deformableEncoderLayer(
    _ name: String, _ encoder: Configuration.PixelDecoder, levels: Int
  ) -> [Parameter] {
    let dim = encoder.convDim
    let samples = encoder.heads * levels * Configuration.PixelDecoder.points
    return linear("\(name).self_attn.sampling_offsets", dim, samples * 2)
      + linear("\(name).self_attn.attention_weights", dim, samples)
      + linear("\(name).self_attn.value_proj", dim, dim)
      + linear("\(name).self_attn.output_proj", dim, dim)
      + norm("\(name).norm1", dim)
      + linear("\(name).linear1", dim, encoder.feedForward)
      + linear("\(name).linear2", encoder.feedForward, dim)
      + norm("\(name).norm2", dim)
  }

  private static func transformerDecoder(
    _ decoder: Configuration.TransformerDecoder, encoder: Configuration.PixelDecoder
  ) -> [Parameter] {
    let dim = decoder.hiddenDim
    var parameters: [Parameter] = []
    for layer in 0..<decoder.layers {
      parameters += attention("\(selfAttention(layer)).self_attn", dim) + norm("\(selfAttention(layer)).norm", dim)
      parameters +=
        attention("\(crossAttention(layer)).multihead_attn", dim) + norm("\(crossAttention(layer)).norm", dim)
      parameters += linear("\(feedForward(layer)).linear1", dim, decoder.feedForward)
      parameters += linear("\(feedForward(layer)).linear2", decoder.feedForward, dim)
      parameters += norm("\(feedForward(layer)).norm", dim)
    }
    let levels = Configuration.transformerFeatures.count
    parameters += norm(decoderNorm, dim)
    parameters.append(Parameter(queryFeatures, [decoder.numQueries, dim]))
    parameters.append(Parameter(queryEmbedding, [decoder.numQueries, dim]))
    parameters.append(Parameter(levelEmbedding, [levels, dim]))
    if decoder.projectsInput(from: encoder) {
      for level in 0..<levels {
        parameters += convolution(decoderInputProjection(level), encoder.convDim, dim, kernel: 1)
      }
    }
    parameters += linear(classEmbedding, dim, decoder.numClasses + 1)
    for layer in 0..<3 { parameters += linear(maskEmbedding(layer), dim, layer == 2 ? decoder.maskDim : dim) }
    return parameters
  }

  private static func weight(_ name: String, _ inputs: Int, _ outputs: Int, kernel: Int) -> [Parameter] {
    [Parameter("\(name).weight", [outputs, inputs, kernel, kernel])]
  }

  private static func convolution(_ name: String, _ inputs: Int, _ outputs: Int, kernel: Int) -> [Parameter] {
    weight(name, inputs, outputs, kernel: kernel) + [Parameter("\(name).bias", [outputs])]
  }

  private static func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> [Parameter] {
    [Parameter("\(name).weight", [outputs, inputs]), Parameter("\(name).bias", [outputs])]
  }

  private static func norm(_ name: String, _ channels: Int) -> [Parameter] {
    [Parameter("\(name).weight", [channels]), Parameter("\(name).bias", [channels])]
  }

  /// PyTorch's `nn.MultiheadAttention`: query, key and value projections stacked.
  private static func attention(_ name: String, _ dim: Int) -> [Parameter] {
    [Parameter("\(name).in_proj_weight", [3 * dim, dim]), Parameter("\(name).in_proj_bias", [3 * dim])]
      + linear("\(name).out_proj", dim, dim)
  }
}

extension Configuration.TransformerDecoder {
  /// Whether a 1 × 1 convolution stands between the pixel decoder's levels and the decoder.
  package func projectsInput(from encoder: Configuration.PixelDecoder) -> Bool {
    enforceInputProject || encoder.convDim != hiddenDim
  }
}
