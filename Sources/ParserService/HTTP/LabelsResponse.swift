import Foundation
import HumanParsing
import MaskMerging

/// JSON response of `GET /api/labels`: the classes of the model, their colors, the groups that `parts` may name, and the
/// size limits of pictures.
struct LabelsResponse: Encodable {
  struct Entry: Encodable {
    let index: Int
    let name: String
    /// The name in file names, which `parts` accepts too.
    let fileName: String
    let color: String

    private enum CodingKeys: String, CodingKey {
      case index, name, color
      case fileName = "file_name"
    }
  }

  struct Limits: Encodable {
    let bodyBytes: Int
    let pixels: Int

    private enum CodingKeys: String, CodingKey {
      case pixels
      case bodyBytes = "body_bytes"
    }
  }

  let success = true
  let weights: String
  let palette: String
  let labels: [Entry]
  let groups: [String: [String]]
  let limits: Limits

  private enum CodingKeys: String, CodingKey {
    case success, weights, palette, labels, groups, limits
  }

  init(model: ModelDescription, palette: ParseOptions.PaletteName, limits: ServiceLimits) {
    let classes = model.classes.map { Label($0) }
    weights = model.name
    self.palette = palette.rawValue
    labels = zip(classes, palette.palette.colors(of: classes)).enumerated().map { index, found in
      Entry(index: index, name: found.0.name, fileName: found.0.fileName, color: found.1.hex)
    }
    groups = Dictionary(
      LabelGroup.standard.map { ("@\($0.name)", $0.labels.filter(classes.contains).map(\.fileName)) },
      uniquingKeysWith: { first, _ in first })
    self.limits = Limits(bodyBytes: limits.bodyBytes, pixels: limits.image.maximumPixels)
  }
}
