package import M2FP

/// The work of one forward pass, stage by stage, from the network's configuration and the size of its input.
package struct NetworkOperations {
  /// Under the names that `bench engine` prints.
  package private(set) var stages: [(name: String, work: Work)] = []

  package init(_ configuration: Configuration, size: InputSize) {
    let model = configuration.model
    let features = addBackbone(model.backbone, Extent(size.height, size.width))
    let channels = ResNetPlan(model.backbone).outputChannels
    addPixelDecoder(model.encoder, features, channels)
    addTransformerDecoder(model.decoder, model.encoder, features)
  }

  package var total: Work { stages.reduce(Work()) { $0 + $1.work } }

  package subscript(name: String) -> Work? { stages.first { $0.name == name }?.work }

  /// - Returns: The extents of `res2` to `res5`.
  private mutating func addBackbone(_ backbone: Configuration.Backbone, _ input: Extent) -> [Extent] {
    var layers = LayerChain(extent: input, channels: 3)
    switch backbone.stem {
    case .basic:
      layers.convolve(to: backbone.stemOutChannels, kernel: 7, stride: 2)
    case .deeplab:
      layers.convolve(to: backbone.stemOutChannels / 2, kernel: 3, stride: 2)
      layers.convolve(to: backbone.stemOutChannels / 2, kernel: 3)
      layers.convolve(to: backbone.stemOutChannels, kernel: 3)
    }
    stages.append(("stem", layers.work))
    layers.extent = layers.extent.strided(by: 2)
    return ResNetPlan(backbone).stages.map { stage in
      layers.work = Work()
      for block in stage.blocks { layers.add(block, strideIn1x1: backbone.strideIn1x1) }
      stages.append(("res\(stage.number)", layers.work))
      return layers.extent
    }
  }

  private mutating func addPixelDecoder(
    _ encoder: Configuration.PixelDecoder, _ features: [Extent], _ channels: [Int]
  ) {
    var work = Work()
    for (level, extent) in features.enumerated() {
      var layers = LayerChain(extent: extent, channels: channels[level])
      let isFinest = level == 0
      switch encoder.kind {
      case .msdeformattn:
        layers.convolve(to: encoder.convDim, kernel: 1)
        if isFinest { layers.convolve(to: encoder.convDim, kernel: 3) }
        if isFinest { layers.convolve(to: encoder.maskDim, kernel: 1) }
      case .fpn:
        if level < features.count - 1 { layers.convolve(to: encoder.convDim, kernel: 1) }
        layers.convolve(to: encoder.convDim, kernel: 3)
        if isFinest { layers.convolve(to: encoder.maskDim, kernel: 3) }
      }
      work += layers.work
    }
    if encoder.kind == .msdeformattn {
      let tokens = features.dropFirst().reduce(0) { $0 + $1.pixels }
      for _ in 0..<encoder.layers {
        work += deformableLayer(encoder, tokens: tokens, levels: features.count - 1)
      }
    }
    stages.append(("pixel decoder", work))
  }

  private func deformableLayer(_ encoder: Configuration.PixelDecoder, tokens: Int, levels: Int) -> Work {
    let samples = levels * Configuration.PixelDecoder.points
    let (width, hidden) = (encoder.convDim, encoder.feedForward)
    let value = Work.linear(rows: tokens, inputs: width, outputs: width)
    let offsets = Work.linear(rows: tokens, inputs: width, outputs: encoder.heads * samples * 2)
    let weights = Work.linear(rows: tokens, inputs: width, outputs: encoder.heads * samples)
    let sampling = Work.deformableAttention(tokens: tokens, width: width, heads: encoder.heads, samples: samples)
    let output = Work.linear(rows: tokens, inputs: width, outputs: width)
    let first = Work.linear(rows: tokens, inputs: width, outputs: hidden)
    let second = Work.linear(rows: tokens, inputs: hidden, outputs: width)
    return [value, offsets, weights, sampling, output, first, second].reduce(Work(), +)
  }

  private mutating func addTransformerDecoder(
    _ decoder: Configuration.TransformerDecoder, _ encoder: Configuration.PixelDecoder, _ features: [Extent]
  ) {
    let levels = features.dropFirst().reversed().map(\.pixels)
    let (width, queries) = (decoder.hiddenDim, decoder.numQueries)
    var work = Work()
    if decoder.projectsInput(from: encoder) {
      for level in levels { work += .linear(rows: level, inputs: encoder.convDim, outputs: width) }
    }
    for layer in 0..<decoder.layers {
      let keys = levels[layer % levels.count]
      work += maskHead(decoder, pixels: keys)
      work += attention(queries: queries, keys: keys, width: width)
      work += attention(queries: queries, keys: queries, width: width)
      work += .linear(rows: queries, inputs: width, outputs: decoder.feedForward)
      work += .linear(rows: queries, inputs: decoder.feedForward, outputs: width)
    }
    work += .linear(rows: queries, inputs: width, outputs: decoder.numClasses + 1)
    stages.append(("transformer decoder", work))
    stages.append(("masks", maskHead(decoder, pixels: features[0].pixels)))
  }

  /// Attention with its four projections.
  private func attention(queries: Int, keys: Int, width: Int) -> Work {
    let query = Work.linear(rows: queries, inputs: width, outputs: width)
    let memory = Work.linear(rows: keys, inputs: width, outputs: width)
    return query + memory + memory + .attention(queries: queries, keys: keys, width: width) + query
  }

  /// The mask embedding of every query, times the mask features of so many pixels.
  private func maskHead(_ decoder: Configuration.TransformerDecoder, pixels: Int) -> Work {
    let hidden = Work.linear(rows: decoder.numQueries, inputs: decoder.hiddenDim, outputs: decoder.hiddenDim)
    let embedding = Work.linear(rows: decoder.numQueries, inputs: decoder.hiddenDim, outputs: decoder.maskDim)
    return hidden + hidden + embedding
      + .product(rows: decoder.numQueries, depth: decoder.maskDim, columns: pixels)
  }
}

/// Adds up layer after layer, each on the result of the one before.
struct LayerChain {
  var extent: Extent
  var channels: Int
  var work = Work()

  mutating func convolve(to outputs: Int, kernel: Int, stride: Int = 1) {
    let output = extent.strided(by: stride)
    work += .convolution(from: extent, to: output, inputs: channels, outputs: outputs, kernel: kernel)
    (extent, channels) = (output, outputs)
  }

  mutating func add(_ block: ResNetPlan.Block, strideIn1x1: Bool) {
    if block.hasShortcut {
      var shortcut = LayerChain(extent: extent, channels: channels)
      shortcut.convolve(to: block.outputs, kernel: 1, stride: block.stride)
      work += shortcut.work
    }
    switch block.kind {
    case .basic:
      convolve(to: block.outputs, kernel: 3, stride: block.stride)
      convolve(to: block.outputs, kernel: 3)
    case .bottleneck(let width):
      convolve(to: width, kernel: 1, stride: strideIn1x1 ? block.stride : 1)
      convolve(to: width, kernel: 3, stride: strideIn1x1 ? 1 : block.stride)
      convolve(to: block.outputs, kernel: 1)
    }
  }
}
