/// Results that `m2fp parse` can write, in the order in which they are written.
package enum OutputKind: String, CaseIterable, Sendable {
  /// `STEM.parts/LABEL.png`: one 8-bit soft mask per class.
  case parts
  /// `STEM.people/p01.png` and on: one 8-bit soft mask per person.
  case people
  /// `STEM.mattes/LABEL.png`: one matte per class, fitted to the photograph.
  case mattes
  /// `STEM.layers/LABEL.png`: one RGBA cutout per class.
  case layers
  /// `STEM.mattes.exr`: the picture in linear values, and a layer for each matte, in half precision.
  case exr
  /// `STEM.cryptomatte.exr`: people and parts as Cryptomattes.
  case cryptomatte
  /// `STEM.labels.png`: 8-bit indexed, index = class.
  case labels
  /// `STEM.color.png`: the merged picture in the palette's colors.
  case color
  /// `STEM.cutout.png`: RGBA, people on a transparent background.
  case cutout
  /// `STEM.overlay.png`: the merged picture over the photograph.
  case overlay
  /// `STEM.legend.png`: the colors of the classes in the picture.
  case legend
  /// `STEM.coco.json`: people and parts in the format of the COCO data set.
  case coco
  /// `STEM.joints.json`: positions of limbs and other parts.
  case joints
  /// `STEM.json`: people, parts, scores, boxes, timings. Last, so that its timings cover the others.
  case json

  package static let standard: Set<OutputKind> = [.labels, .color, .json]
  /// Results that `--parts`, `--group` and `--people` affect.
  package static let selective: Set<OutputKind> = [.parts, .mattes, .layers, .exr, .cutout]
  /// Results that are text.
  static let texts: Set<OutputKind> = [.coco, .joints, .json]
  /// Results made from mattes.
  package static let matted: Set<OutputKind> = [.mattes, .layers, .exr, .cryptomatte, .cutout]

  /// Results in the picture's own colors.
  static let colored: Set<OutputKind> = [.layers, .exr, .cutout]

  /// Results in OpenEXR files.
  static let openEXR: Set<OutputKind> = [.exr, .cryptomatte]

  /// Ending of the file or folder, after the stem.
  package var ending: String {
    switch self {
    case .parts, .people, .mattes, .layers: rawValue
    case .labels, .color, .cutout, .overlay, .legend: "\(rawValue).png"
    case .exr: "mattes.exr"
    case .cryptomatte: "cryptomatte.exr"
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
