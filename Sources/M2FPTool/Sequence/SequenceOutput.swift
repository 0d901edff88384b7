import VideoFrames

/// Results that `m2fp sequence` can write, in the order in which they are written. Each is one or several folders with a
/// file a frame, so that a compositor loads a folder as one sequence.
package enum SequenceOutput: String, CaseIterable, Sendable, Codable {
  /// `person/person.1001.png`, `background/…`, and a folder for each part and group.
  case mattes
  /// `p01/p01.1001.png` and on: one matte per person.
  case people
  /// `p01_hair/p01_hair.1001.png` and on: one matte per person and part.
  case peopleParts = "people-parts"
  /// `labels/labels.1001.png`: 8-bit indexed, index = class.
  case labels
  /// `color/color.1001.png`: the merged picture in the palette's colors.
  case color
  /// `overlay/overlay.1001.png`: the merged picture over the frame.
  case overlay
  /// `cutout/cutout.1001.png`: RGBA, the selection on a transparent background.
  case cutout
  /// `exr/NAME.1001.exr`: the frame in linear values, and a layer for each matte, in half precision.
  case exr
  /// `cryptomatte/NAME.1001.exr`: people and parts as Cryptomattes.
  case cryptomatte
  /// `NAME.person.mov` and on: mattes as ProRes 4444, the frames' colors with straight alpha.
  case video
  /// `NAME.person.mkv` and on: mattes as FFV1, 16-bit gray.
  case ffv1
  /// `NAME.person.webm` and on: mattes as VP9, the frames' colors with straight alpha.
  case vp9

  /// Results made from mattes.
  static let matted: Set<SequenceOutput> = [
    .mattes, .people, .peopleParts, .cutout, .exr, .cryptomatte, .video, .ffv1, .vp9,
  ]
  /// Results that are mattes.
  static let gray: Set<SequenceOutput> = [.mattes, .people, .peopleParts]
  /// Results that `--parts` and `--group` affect.
  static let selective: Set<SequenceOutput> = [.mattes, .peopleParts, .cutout, .exr, .video, .ffv1, .vp9]
  /// Results in OpenEXR files.
  static let openEXR: Set<SequenceOutput> = [.exr, .cryptomatte]
  /// Results in the frames' own colors, apart from videos.
  static let ownColors: Set<SequenceOutput> = [.cutout, .exr]
  /// Results that have colors of the palette.
  static let colored: Set<SequenceOutput> = [.labels, .color, .overlay]

  /// Whether the result is a folder of its own name.
  var isFolder: Bool { ![.mattes, .people, .peopleParts].contains(self) && codec == nil }

  /// How the result is encoded; `nil` for files of frames.
  var codec: VideoCodec? {
    switch self {
    case .video: .prores
    case .ffv1: .ffv1
    case .vp9: .vp9
    default: nil
    }
  }
}

/// Names of the folders that `m2fp sequence` writes.
package enum SequenceFolder {
  /// Folder of a person: `p01`, `p02`, …
  package static func person(_ number: Int) -> String { "p\(number < 10 ? "0" : "")\(number)" }

  /// Folder of a part of a person.
  package static func part(_ name: String, ofPerson number: Int) -> String { "\(person(number))_\(name)" }

  /// Path of a frame's file, relative to the folder of the results.
  package static func file(_ folder: String, digits: String) -> String { "\(folder)/\(folder).\(digits).png" }

  /// Whether a folder is one that a run with some outputs may write.
  ///
  /// - Parameter masks: Names of the selected parts and groups.
  static func isWritten(_ name: String, outputs: Set<SequenceOutput>, masks: [String]) -> Bool {
    if outputs.contains(where: { $0.isFolder && $0.rawValue == name }) { return true }
    if outputs.contains(.mattes), ["person", "background"].contains(name) || masks.contains(name) { return true }
    let parts = name.split(separator: "_", maxSplits: 1)
    guard let first = parts.first, PersonFile.isName(first + ".png") else { return false }
    return parts.count == 1 ? outputs.contains(.people) : outputs.contains(.peopleParts)
  }
}
