/// Rejects configurations that this package has no network for, so that later code meets only sizes in range.
struct ConfigurationCheck {
  /// The file, for messages.
  let name: String

  /// The largest number of channels; no published network comes near, so a larger one means a damaged or hostile file.
  private static let largestExtent = 16_384

  func check(_ configuration: Configuration, _ file: ConfigurationFile) throws {
    try checkFixed(file.model)
    try check(configuration.model.backbone)
    try check(configuration.model.pixelDecoder)
    try check(configuration.model.decoder, pixelDecoder: configuration.model.pixelDecoder)
    try check(configuration.model)
    let sizes = configuration.preprocess
    try expect("preprocess.short_edge", sizes.shortEdge, in: 32...4096)
    try expect("preprocess.max_size", sizes.maxSize, in: sizes.shortEdge...16_384)
    try checkPrunedWidths(of: configuration)
  }

  /// Checks the keys for which this package, like ModelScope, supports one value.
  private func checkFixed(_ model: ConfigurationFile.Model) throws {
    try expect("model.backbone.out_features", model.backbone.out_features, is: Configuration.features)
    try expect("model.backbone.num_groups", model.backbone.num_groups, is: 1)
    try expect("model.backbone.norm", model.backbone.norm, is: "BN")
    try expect("model.encoder.in_features", model.encoder.in_features, is: Configuration.features)
    try expect(
      "model.encoder.transformer_in_features",
      model.encoder.transformer_in_features ?? Configuration.transformerFeatures,
      is: Configuration.transformerFeatures)
    try expect("model.encoder.common_stride", model.encoder.common_stride ?? 4, is: 4)
  }

  private func check(_ backbone: Configuration.Backbone) throws {
    try expect("model.backbone.depth", backbone.depth, oneOf: [18, 34, 50, 101, 152])
    try expectExtent("model.backbone.width_per_group", backbone.widthPerGroup)
    try expectExtent("model.backbone.stem_out_channels", backbone.stemOutChannels)
    try expect("model.backbone.res2_out_channels", backbone.res2OutChannels, in: 1...Self.largestExtent / 8)
    try expect("model.backbone.res4_dilation", backbone.res4Dilation, oneOf: [1, 2])
    try expect(
      "model.backbone.res5_dilation", backbone.res5Dilation, oneOf: backbone.res4Dilation == 2 ? [4] : [1, 2, 4])
    try expect("model.backbone.res5_multi_grid (entries)", backbone.res5MultiGrid.count, is: 3)
    for grid in backbone.res5MultiGrid { try expect("model.backbone.res5_multi_grid", grid, in: 1...64) }
    if backbone.depth < 50 {
      try expect("model.backbone.res4_dilation (depth \(backbone.depth))", backbone.res4Dilation, is: 1)
      try expect("model.backbone.res5_dilation (depth \(backbone.depth))", backbone.res5Dilation, is: 1)
      try expect("model.backbone.res5_multi_grid (depth \(backbone.depth))", backbone.res5MultiGrid, is: [1, 1, 1])
    }
    if backbone.stem == .deeplab {
      try expectMultiple("model.backbone.stem_out_channels", backbone.stemOutChannels, of: 2)
    }
  }

  private func check(_ pixelDecoder: Configuration.PixelDecoder) throws {
    try expectExtent("model.encoder.conv_dim", pixelDecoder.convDim)
    try expectExtent("model.encoder.mask_dim", pixelDecoder.maskDim)
    try expectMultiple("model.encoder.conv_dim", pixelDecoder.convDim, of: 32)
    guard pixelDecoder.kind == .msdeformattn else { return }
    try expect("model.encoder.transformer_nheads", pixelDecoder.heads, in: 1...64)
    try expectMultiple("model.encoder.conv_dim", pixelDecoder.convDim, of: pixelDecoder.heads)
    try expectExtent("model.encoder.transformer_dim_feedforward", pixelDecoder.feedForward)
    try expect("model.encoder.transformer_enc_layers", pixelDecoder.layers, in: 1...64)
  }

  private func check(_ decoder: Configuration.TransformerDecoder, pixelDecoder: Configuration.PixelDecoder) throws {
    try expect("model.decoder.num_classes", decoder.numClasses, in: 1...256)
    try expect("model.decoder.num_queries", decoder.numQueries, in: 1...4096)
    try expectExtent("model.decoder.hidden_dim", decoder.hiddenDim)
    try expectMultiple("model.decoder.hidden_dim", decoder.hiddenDim, of: 4)
    try expect("model.decoder.nheads", decoder.heads, in: 1...64)
    try expectMultiple("model.decoder.hidden_dim", decoder.hiddenDim, of: decoder.heads)
    try expectExtent("model.decoder.dim_feedforward", decoder.feedForward)
    try expect("model.decoder.dec_layers", decoder.layers, in: 1...64)
    try expect("model.decoder.mask_dim", decoder.maskDim, is: pixelDecoder.maskDim)
  }

  private func check(_ model: Configuration.Model) throws {
    try expect("model.classes (entries)", model.classes.count, is: model.decoder.numClasses)
    try expect(
      "model.num_parsing", model.numParsing,
      is: model.singleHuman ? model.classes.count : model.classes.count - 1)
    try expect("model.input_single_human.sizes (width)", model.singleHumanSize.width, in: 32...4096)
    try expect("model.input_single_human.sizes (height)", model.singleHumanSize.height, in: 32...4096)
    guard model.parsingInstanceScoreThreshold.isFinite else {
      throw failure("model.parsing_ins_score_thr", "a number", model.parsingInstanceScoreThreshold)
    }
    guard model.personScoreThreshold.isFinite else {
      throw failure("model.person_score_thr", "a number", model.personScoreThreshold)
    }
    guard model.parsingOn || model.semanticOn else {
      throw failure("model.parsing_on", "true, or model.semantic_on true", false)
    }
  }

  /// Needs all other fields to be in range, since it describes the network before it was pruned.
  private func checkPrunedWidths(of configuration: Configuration) throws {
    let widths = configuration.model.prunedWidths
    guard !widths.isEmpty else { return }
    let layers = NetworkDescription(configuration.unpruned).prunableLayers.map(\.layer)
    let limits = Dictionary(uniqueKeysWithValues: layers.map { ($0.name, $0.outputs) })
    for (name, width) in widths.sorted(by: { $0.key < $1.key }) {
      guard let limit = limits[name] else {
        throw failure("model.pruned_widths", "the names of layers that can be pruned", name)
      }
      try expect("model.pruned_widths.\(name)", width, in: 1...limit)
    }
  }

  private func expectExtent(_ field: String, _ value: Int) throws {
    try expect(field, value, in: 1...Self.largestExtent)
  }

  private func expect(_ field: String, _ value: Int, in range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw failure(field, "\(range.lowerBound) to \(range.upperBound)", value)
    }
  }

  private func expect(_ field: String, _ value: Int, oneOf choices: [Int]) throws {
    guard choices.contains(value) else {
      throw failure(field, choices.map(String.init).joined(separator: ", "), value)
    }
  }

  private func expectMultiple(_ field: String, _ value: Int, of divisor: Int) throws {
    guard value.isMultiple(of: divisor) else { throw failure(field, "a multiple of \(divisor)", value) }
  }

  private func expect<Value: Equatable>(_ field: String, _ value: Value, is expected: Value) throws {
    guard value == expected else { throw failure(field, expected, value) }
  }

  private func failure(_ field: String, _ expected: Any, _ found: Any) -> M2FPError {
    M2FPError(.invalidConfiguration, "\(name): \(field) must be \(expected), found \(found)")
  }
}
