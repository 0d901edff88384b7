import Checkpoints
import Foundation
import HumanParsing
import M2FP

/// Description of a weights file that `m2fp info` prints.
struct WeightsDescription: Encodable {
  let file: String
  let variant: String
  let backbone: String
  let pixelDecoder: String
  let transformerDecoder: String
  let input: String
  let classes: [String]
  let precision: String
  let parameters: Int
  let bytes: [String: Int]
  let source: String?
  /// Number of quantized layers; `nil` unless the file is int8.
  let quantizedLayers: Int?
  let quantization: QuantizationRecord?
  /// Outputs that pruning has left, by layer; `nil` if the network was not pruned.
  let prunedWidths: [String: Int]?
  /// Number of quantizable layers; not in JSON.
  private let layers: Int

  private enum CodingKeys: String, CodingKey {
    case file, variant, backbone, input, classes, precision, parameters, bytes, source, quantization
    case quantizedLayers = "quantized_layers"
    case prunedWidths = "pruned_widths"
    case pixelDecoder = "pixel_decoder"
    case transformerDecoder = "transformer_decoder"
  }

  init(_ weights: WeightsFile) {
    let model = weights.configuration.model
    let decoder = model.decoder
    file = weights.name
    variant = model.singleHuman ? "single human" : "multiple humans"
    backbone = "ResNet-\(model.backbone.depth), \(model.backbone.stem.rawValue) stem"
    pixelDecoder =
      switch model.pixelDecoder.kind {
      case .msdeformattn:
        "\(model.pixelDecoder.kind.rawValue), \(model.pixelDecoder.layers) layers, width \(model.pixelDecoder.convDim)"
      case .fpn: "\(model.pixelDecoder.kind.rawValue), width \(model.pixelDecoder.convDim)"
      }
    transformerDecoder = "\(decoder.layers) layers, width \(decoder.hiddenDim), \(decoder.numQueries) queries"
    let size = model.singleHumanSize
    let preprocess = weights.configuration.preprocess
    input =
      model.singleHuman
      ? "\(size.width) x \(size.height)"
      : "short edge \(preprocess.shortEdge), long edge at most \(preprocess.maxSize)"
    classes = model.classes
    precision = weights.precision
    parameters = weights.parameterCount
    bytes = Dictionary(
      uniqueKeysWithValues: weights.bytesByElementType.map { (String(describing: $0.key), $0.value) })
    source = weights.source
    quantization = weights.quantization
    quantizedLayers = weights.precision == Precision.int8.rawValue ? weights.quantizedLayers.count : nil
    prunedWidths = model.prunedWidths.isEmpty ? nil : model.prunedWidths
    layers = weights.description.quantizableLayers.count
  }

  private var quantizationRows: [(String, String)] {
    guard let quantizedLayers else { return [] }
    let kept = quantization?.layers.filter { $0.kept != nil }.map(\.name) ?? []
    return [
      (
        "layers",
        "\(quantizedLayers) of \(layers) in int8\(kept.isEmpty ? "" : ", not " + kept.joined(separator: ", "))"
      ),
      ("calibration", quantization.map { "\($0.pictures) pictures, by m2fp \($0.program)" } ?? "not recorded"),
    ]
  }

  private var pruningRows: [(String, String)] {
    guard let prunedWidths else { return [] }
    let widths = prunedWidths.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return [("pruned to", widths.joined(separator: ", "))]
  }

  func json() throws -> String { try JSONText.pretty(self) }

  /// Text with one line per property.
  var text: String {
    let rows: [(String, String)] =
      [
        ("file", file),
        ("variant", variant),
        ("backbone", backbone),
        ("pixel decoder", pixelDecoder),
        ("decoder", transformerDecoder),
        ("input", input),
        ("precision", precision),
        ("parameters", "\(parameters)"),
        ("size", bytes.sorted { $0.key < $1.key }.map { "\($0.value) bytes in \($0.key)" }.joined(separator: ", ")),
      ] + quantizationRows + pruningRows + [
        ("made from", source ?? "not recorded"),
        ("classes", classes.enumerated().map { "\($0.offset) \($0.element)" }.joined(separator: ", ")),
      ]
    return rows.map { $0.0.padding(toLength: 15, withPad: " ", startingAt: 0) + $0.1 }.joined(separator: "\n")
  }
}
