import Foundation
import M2FP
import TestSupport
import Testing

/// Invalid configurations are rejected with an error that names the field.
@Suite(.timeLimit(.minutes(10))) struct ConfigurationTests {
  /// A change to a valid configuration, and words that the error message must contain.
  static let refused: [(path: [String], value: any Sendable, says: [String])] = [
    (["model", "backbone", "depth"], 77, ["model.backbone.depth", "18, 34, 50, 101, 152", "77"]),
    (["model", "backbone", "depth"], "deep", ["model.backbone.depth"]),
    (["model", "backbone", "num_groups"], 32, ["model.backbone.num_groups", "1", "32"]),
    (["model", "backbone", "norm"], "GN", ["model.backbone.norm", "BN", "GN"]),
    (["model", "backbone", "stem_type"], "swin", ["model.backbone.stem_type"]),
    (["model", "backbone", "res5_multi_grid"], [1, 2], ["res5_multi_grid", "3", "2"]),
    (["model", "backbone", "res5_dilation"], 3, ["res5_dilation", "3"]),
    (["model", "backbone", "width_per_group"], -4, ["width_per_group", "-4"]),
    (["model", "backbone", "res2_out_channels"], Int.max, ["res2_out_channels"]),
    (["model", "encoder", "conv_dim"], 100, ["model.encoder.conv_dim", "multiple of 32", "100"]),
    (["model", "encoder", "transformer_nheads"], 7, ["model.encoder.conv_dim", "multiple of 7"]),
    (["model", "encoder", "transformer_in_features"], ["res5"], ["transformer_in_features"]),
    (["model", "decoder", "num_classes"], 3, ["model.classes", "3"]),
    (["model", "decoder", "nheads"], 0, ["model.decoder.nheads", "0"]),
    (["model", "decoder", "dec_layers"], 1_000_000, ["dec_layers"]),
    (["model", "decoder", "mask_dim"], 8, ["model.decoder.mask_dim", "8"]),
    (["model", "parsing_on"], 3, ["model.parsing_on"]),
    (["model", "pruned_widths"], ["backbone.res9.0.conv1": 1], ["pruned_widths", "backbone.res9.0.conv1"]),
    (["model", "pruned_widths"], ["backbone.res2.0.conv3": 1], ["can be pruned", "backbone.res2.0.conv3"]),
    (["model", "pruned_widths"], ["backbone.res2.0.conv1": 0], ["pruned_widths.backbone.res2.0.conv1", "found 0"]),
    (["model", "pruned_widths"], ["backbone.res2.0.conv1": 1_000], ["pruned_widths.backbone.res2.0.conv1", "1000"]),
    (["model", "pruned_widths"], [3], ["model.pruned_widths"]),
    (["model", "person_score_thr"], "much", ["model.person_score_thr"]),
    (["preprocess"], ["short_edge": 0], ["preprocess.short_edge", "0"]),
    (["preprocess"], ["short_edge": 640, "max_size": 320], ["preprocess.max_size", "320"]),
  ]

  @Test(arguments: refused.indices)
  func whatFitsNoNetworkIsRefused(index: Int) throws {
    let (path, value, says) = Self.refused[index]
    let json = try Self.changed(path, to: value)
    let error = try #require(throws: M2FPError.self) { try Configuration(json: json, name: "some.json") }
    #expect(error.code == .invalidConfiguration)
    for words in ["some.json"] + says { #expect(error.message.contains(words), "\(error)") }
  }

  @Test func thresholdOfPeopleIsThatOfPartsUnlessItIsSaid() throws {
    func thresholds(_ value: Any?) throws -> [Float] {
      let json = try Self.changed(["model", "person_score_thr"], to: value)
      let model = try Configuration(json: json, name: "some.json").model
      return [model.parsingInstanceScoreThreshold, model.personScoreThreshold]
    }
    let parts = try thresholds(nil)[0]
    #expect(try thresholds(nil) == [parts, parts])
    #expect(try thresholds(0.75) == [parts, 0.75])
  }

  @Test(arguments: [
    ["model"], ["model", "backbone"], ["model", "backbone", "depth"], ["model", "decoder", "num_queries"],
    ["model", "classes"],
  ])
  func aMissingKeyIsNamed(path: [String]) throws {
    let json = try Self.changed(path, to: nil)
    let error = try #require(throws: M2FPError.self) { try Configuration(json: json, name: "some.json") }
    #expect(error.message.contains(path.joined(separator: ".")), "\(error)")
  }

  @Test(arguments: ["", "{", "[]", "null", "\u{0}", #"{"model": 3}"#])
  func whatIsNotAConfigurationIsRefused(text: String) {
    #expect(throws: M2FPError.self) { try Configuration(json: Data(text.utf8), name: "some.json") }
  }

  @Test func absentKeysHaveModelScopesDefaults() throws {
    let configuration = try Configuration(json: Self.changed(["preprocess"], to: nil), name: "some.json")
    #expect(configuration.preprocess.shortEdge == 640)
    #expect(configuration.preprocess.maxSize == 1333)
    #expect(configuration.model.backbone.stem == .deeplab)
    #expect(configuration.model.pixelDecoder.kind == .msdeformattn)
  }

  /// The configuration of a golden with one value replaced, or removed.
  private static func changed(_ path: [String], to value: Any?) throws -> Data {
    let golden = try Data(contentsOf: Golden.pipelines[0].configuration)
    let root = try JSONSerialization.jsonObject(with: golden) as? [String: Any] ?? [:]
    return try JSONSerialization.data(withJSONObject: replaced(root, path[...], value))
  }

  private static func replaced(_ object: [String: Any], _ path: ArraySlice<String>, _ value: Any?) -> [String: Any] {
    var object = object
    guard let key = path.first else { return object }
    object[key] = path.count == 1 ? value : replaced(object[key] as? [String: Any] ?? [:], path.dropFirst(), value)
    return object
  }
}
