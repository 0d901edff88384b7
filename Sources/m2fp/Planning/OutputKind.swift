/// What `m2fp parse` can write for a picture, in the order in which it is written.
package enum OutputKind: String, CaseIterable, Sendable {
  /// `STEM.parts/LABEL.png`: one 8-bit soft mask a class.
  case parts
  /// `STEM.people/p01.png` and on: one 8-bit soft mask a person.
  case people
  /// `STEM.labels.png`: 8-bit indexed, index = class.
  case labels
  /// `STEM.color.png`: the merged picture in the palette's colors.
  case color
  /// `STEM.cutout.png`: RGBA, people over nothing.
  case cutout
  /// `STEM.overlay.png`: the merged picture over the photograph.
  case overlay
  /// `STEM.json`: people, parts, scores, boxes, timings. Last, so that its timings cover the others.
  case json

  package static let standard: Set<OutputKind> = [.labels, .color, .json]

  /// What follows the stem in the name of the file or folder.
  package var ending: String {
    switch self {
    case .parts, .people: rawValue
    case .labels, .color, .cutout, .overlay: "\(rawValue).png"
    case .json: "json"
    }
  }

  package var isFolder: Bool { self == .parts || self == .people }
}
