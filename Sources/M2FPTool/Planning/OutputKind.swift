/// What `m2fp parse` can write for a picture, in the order in which it is written.
package enum OutputKind: String, CaseIterable, Sendable {
  /// `STEM.parts/LABEL.png`: one 8-bit soft mask a class.
  case parts
  /// `STEM.people/p01.png` and on: one 8-bit soft mask a person.
  case people
  /// `STEM.mattes/LABEL.png`: one matte a class, fitted to the photograph.
  case mattes
  /// `STEM.layers/LABEL.png`: one cutout a class, RGBA.
  case layers
  /// `STEM.labels.png`: 8-bit indexed, index = class.
  case labels
  /// `STEM.color.png`: the merged picture in the palette's colors.
  case color
  /// `STEM.cutout.png`: RGBA, people over nothing.
  case cutout
  /// `STEM.overlay.png`: the merged picture over the photograph.
  case overlay
  /// `STEM.legend.png`: which color stands for which class of the picture.
  case legend
  /// `STEM.coco.json`: people and parts in the COCO data set's form.
  case coco
  /// `STEM.joints.json`: where limbs and other parts lie.
  case joints
  /// `STEM.json`: people, parts, scores, boxes, timings. Last, so that its timings cover the others.
  case json

  package static let standard: Set<OutputKind> = [.labels, .color, .json]
  /// Those that are about chosen parts and people.
  package static let selective: Set<OutputKind> = [.parts, .mattes, .layers, .cutout]
  /// Those that are made of mattes.
  package static let matted: Set<OutputKind> = [.mattes, .layers, .cutout]

  /// What follows the stem in the name of the file or folder.
  package var ending: String {
    switch self {
    case .parts, .people, .mattes, .layers: rawValue
    case .labels, .color, .cutout, .overlay, .legend: "\(rawValue).png"
    case .coco, .joints: "\(rawValue).json"
    case .json: "json"
    }
  }

  package var isFolder: Bool {
    switch self {
    case .parts, .people, .mattes, .layers: true
    default: false
    }
  }
}
