package import Foundation

/// ModelScope's `configuration.json`: section `model`, and the image sizes of section `preprocess`.
///
/// Besides ModelScope's keys it reads two of Detectron2, `backbone.stem_type` and `backbone.stride_in_1x1`, and two of
/// this package, `encoder.type` and `pruned_widths`. Unknown keys are ignored, as in ModelScope.
package struct Configuration: Sendable, Equatable {
  package internal(set) var model: Model
  package let preprocess: Preprocess

  package struct Model: Sendable, Equatable {
    package let backbone: Backbone
    /// Section `encoder` of the file.
    package let pixelDecoder: PixelDecoder
    package let decoder: TransformerDecoder
    /// Width and height that a single human is fitted into.
    package let singleHumanSize: SingleHumanSize
    /// Class names by index. For several humans the last one is the whole person.
    package let classes: [String]
    /// Index of the whole-person class, which is also the number of part classes including the background.
    package let numParsing: Int
    package let singleHuman: Bool
    package let parsingInstanceScoreThreshold: Float
    package let personScoreThreshold: Float
    package let parsingOn: Bool
    package let semanticOn: Bool
    package let semSegPostprocessBeforeInference: Bool
    /// Outputs that pruning has left, by layer name; layers that are not named have all of theirs.
    package internal(set) var prunedWidths: [String: Int]
  }

  package struct SingleHumanSize: Sendable, Equatable {
    package let width: Int
    package let height: Int
  }

  package struct Backbone: Sendable, Equatable {
    package enum Stem: String, Sendable, Decodable { case deeplab, basic }
    package let stem: Stem
    package let depth: Int
    package let widthPerGroup: Int
    package let stemOutChannels: Int
    package let res2OutChannels: Int
    package let strideIn1x1: Bool
    package let res4Dilation: Int
    package let res5Dilation: Int
    package let res5MultiGrid: [Int]
  }

  package struct PixelDecoder: Sendable, Equatable {
    package enum Kind: String, Sendable, Decodable { case msdeformattn, fpn }
    package let kind: Kind
    package let heads: Int
    package let feedForward: Int
    package let layers: Int
    package let convDim: Int
    package let maskDim: Int
    /// Sampling points per head and level, a constant of Mask2Former.
    package static let points = 4
  }

  package struct TransformerDecoder: Sendable, Equatable {
    package let numClasses: Int
    package let hiddenDim: Int
    package let numQueries: Int
    package let heads: Int
    package let feedForward: Int
    package let layers: Int
    package let preNorm: Bool
    package let maskDim: Int
    package let enforceInputProject: Bool
  }

  /// Sizes of the pipeline for several humans; ModelScope's own are 640 and 1333.
  package struct Preprocess: Sendable, Equatable {
    package let shortEdge: Int
    package let maxSize: Int
  }

  /// The names of the backbone's outputs that feed the pixel decoder, fine to coarse.
  package static let features = ["res2", "res3", "res4", "res5"]
  /// The names of the outputs that the transformer attends to.
  package static let transformerFeatures = ["res3", "res4", "res5"]

  /// - Parameters:
  ///   - json: The text of a `configuration.json`.
  ///   - name: The file that it comes from, for error messages.
  /// - Throws: `M2FPError` that names the field, what was expected and what was found.
  package init(json: Data, name: String) throws {
    let file: ConfigurationFile
    do {
      file = try JSONDecoder().decode(ConfigurationFile.self, from: json)
    } catch let error as DecodingError {
      throw M2FPError(.invalidConfiguration, "\(name): \(error.sentence)")
    }
    self.init(file)
    try ConfigurationCheck(name: name).check(self, file)
  }
}

extension Configuration {
  /// The configuration of the network before it was pruned.
  package var unpruned: Configuration {
    var configuration = self
    configuration.model.prunedWidths = [:]
    return configuration
  }
}

extension DecodingError {
  /// The field and what is wrong with it, in one line.
  fileprivate var sentence: String {
    switch self {
    case .keyNotFound(let key, let context):
      "the configuration lacks \((context.codingPath + [key]).dotted)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "the configuration is not valid JSON" : "\(context.codingPath.dotted): \(context.debugDescription)"
    @unknown default: "the configuration cannot be read"
    }
  }
}

extension [any CodingKey] {
  fileprivate var dotted: String { map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".") }
}
