// The properties have the names of the JSON keys.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

/// `configuration.json` as it is written, with ModelScope's names and two of our own, `person_score_thr` and
/// `pruned_widths`; absent keys are `nil`.
struct ConfigurationFile: Decodable {
  let model: Model
  let preprocess: Preprocess?

  struct Model: Decodable {
    let backbone: Backbone
    let encoder: Encoder
    let decoder: Decoder
    let input_single_human: SingleHuman?
    let classes: [String]
    let num_parsing: Int?
    let single_human: Bool?
    let parsing_ins_score_thr: Float?
    let person_score_thr: Float?
    let parsing_on: Bool?
    let semantic_on: Bool?
    let sem_seg_postprocess_before_inference: Bool?
    let pruned_widths: [String: Int]?
  }

  struct SingleHuman: Decodable {
    let sizes: [[Int]]
  }

  struct Backbone: Decodable {
    let out_features: [String]
    let depth: Int
    let num_groups: Int
    let width_per_group: Int
    let norm: String
    let stem_type: Configuration.Backbone.Stem?
    let stem_out_channels: Int
    let res2_out_channels: Int
    let stride_in_1x1: Bool
    let res4_dilation: Int
    let res5_dilation: Int
    let res5_multi_grid: [Int]
  }

  struct Encoder: Decodable {
    let type: Configuration.PixelDecoder.Kind?
    let in_features: [String]
    let transformer_nheads: Int?
    let transformer_dim_feedforward: Int?
    let transformer_enc_layers: Int?
    let transformer_in_features: [String]?
    let conv_dim: Int
    let mask_dim: Int
    let common_stride: Int?
  }

  struct Decoder: Decodable {
    let num_classes: Int
    let hidden_dim: Int
    let num_queries: Int
    let nheads: Int
    let dim_feedforward: Int
    let dec_layers: Int
    let pre_norm: Bool
    let mask_dim: Int
    let enforce_input_project: Bool
  }

  struct Preprocess: Decodable {
    let short_edge: Int?
    let max_size: Int?
  }
}

extension Configuration {
  init(_ file: ConfigurationFile) {
    let section = file.model
    let singleHuman = section.single_human ?? true
    let parsingOn = section.parsing_on ?? false
    let size = section.input_single_human?.sizes.first ?? [384, 512]
    model = Model(
      backbone: Backbone(section.backbone),
      pixelDecoder: PixelDecoder(section.encoder),
      decoder: TransformerDecoder(section.decoder),
      singleHumanSize: SingleHumanSize(width: size.first ?? 0, height: size.count == 2 ? size[1] : 0),
      classes: section.classes,
      numParsing: section.num_parsing ?? section.classes.count - (singleHuman ? 0 : 1),
      singleHuman: singleHuman,
      parsingInstanceScoreThreshold: section.parsing_ins_score_thr ?? 0.5,
      personScoreThreshold: section.person_score_thr ?? section.parsing_ins_score_thr ?? 0.5,
      parsingOn: parsingOn,
      semanticOn: section.semantic_on ?? true,
      semSegPostprocessBeforeInference: (section.sem_seg_postprocess_before_inference ?? true) || parsingOn,
      prunedWidths: section.pruned_widths ?? [:])
    preprocess = Preprocess(
      shortEdge: file.preprocess?.short_edge ?? 640, maxSize: file.preprocess?.max_size ?? 1333)
  }
}

extension Configuration.Backbone {
  fileprivate init(_ section: ConfigurationFile.Backbone) {
    self.init(
      stem: section.stem_type ?? .deeplab, depth: section.depth, widthPerGroup: section.width_per_group,
      stemOutChannels: section.stem_out_channels, res2OutChannels: section.res2_out_channels,
      strideIn1x1: section.stride_in_1x1, res4Dilation: section.res4_dilation, res5Dilation: section.res5_dilation,
      res5MultiGrid: section.res5_multi_grid)
  }
}

extension Configuration.PixelDecoder {
  fileprivate init(_ section: ConfigurationFile.Encoder) {
    self.init(
      kind: section.type ?? .msdeformattn, heads: section.transformer_nheads ?? 8,
      feedForward: section.transformer_dim_feedforward ?? 1024, layers: section.transformer_enc_layers ?? 6,
      convDim: section.conv_dim, maskDim: section.mask_dim)
  }
}

extension Configuration.TransformerDecoder {
  fileprivate init(_ section: ConfigurationFile.Decoder) {
    self.init(
      numClasses: section.num_classes, hiddenDim: section.hidden_dim, numQueries: section.num_queries,
      heads: section.nheads, feedForward: section.dim_feedforward, layers: section.dec_layers,
      preNorm: section.pre_norm, maskDim: section.mask_dim, enforceInputProject: section.enforce_input_project)
  }
}
