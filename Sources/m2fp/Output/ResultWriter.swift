import Foundation
import HumanParsing
import ImageCoding
import MaskMerging

/// Writes what `--output` asks for.
struct ResultWriter {
  let outputs: Set<OutputKind>
  /// The parts that `--parts` names; nil for all of the model's.
  let chosenParts: [Label]?
  let palette: Palette
  /// Name of the weights, for the JSON file.
  let weights: String

  /// The classes that get a mask of their own.
  func maskLabels(of classes: [Label]) -> [Label] {
    chosenParts ?? classes.filter { $0 != .background && $0 != .human }
  }

  /// Writes the results of one picture, the JSON last.
  ///
  /// - Parameters:
  ///   - parsing: Gets the time that the other results took.
  ///   - photo: The picture that was parsed.
  ///   - job: Where the results go.
  /// - Returns: Paths of what was written.
  /// - Throws: ``Failure``, `ImageCodingError` or `MaskMergingError`.
  func write(_ parsing: inout Parsing, of photo: RGBImage, for job: Job) throws -> [String] {
    let start = ContinuousClock.now
    var paths: [String] = []
    for kind in OutputKind.allCases where outputs.contains(kind) {
      let path = job.path(of: kind)
      switch kind {
      case .parts: try writeParts(parsing, to: path)
      case .people: try writePeople(parsing, to: path)
      default: try AtomicFile.write(data(of: kind, parsing, photo), to: URL(filePath: path))
      }
      paths.append(path)
      parsing.timings.encode = (ContinuousClock.now - start) / .milliseconds(1)
    }
    return paths
  }

  private func data(of kind: OutputKind, _ parsing: Parsing, _ photo: RGBImage) throws -> Data {
    switch kind {
    case .labels:
      let colors = palette.colors(of: parsing.classes).map { (red: $0.red, green: $0.green, blue: $0.blue) }
      return try parsing.labelMap.pngData(palette: colors)
    case .color: return try parsing.colorMap(palette: palette).pngData()
    case .cutout: return try cutout(parsing, of: photo).pngData()
    case .overlay: return try parsing.overlay(on: photo, palette: palette).pngData()
    case .json, .parts, .people: return try parsing.summary(weights: weights).json()
    }
  }

  private func cutout(_ parsing: Parsing, of photo: RGBImage) throws -> RGBAImage {
    guard let chosenParts else { return try parsing.cutout(of: photo) }
    return try MaskMerging.cutout(parsing.mask(of: chosenParts), of: photo)
  }

  private func writeParts(_ parsing: Parsing, to path: String) throws {
    try ResultFolder.write(to: path) { folder in
      for label in maskLabels(of: parsing.classes) {
        let file = URL(filePath: FilePath.join(folder, "\(label.fileName).png"))
        try parsing.mask(of: [label]).alpha8().write(to: file)
      }
    }
  }

  private func writePeople(_ parsing: Parsing, to path: String) throws {
    try ResultFolder.write(to: path, isOwn: PersonFile.isName) { folder in
      for (index, person) in parsing.people.enumerated() {
        let file = URL(filePath: FilePath.join(folder, PersonFile.name(index + 1)))
        try person.mask.alpha8().write(to: file)
      }
    }
  }
}

/// Names of the masks of people: `p01.png` and on.
package enum PersonFile {
  package static func name(_ number: Int) -> String { "p\(number < 10 ? "0" : "")\(number).png" }

  package static func isName(_ text: String) -> Bool {
    guard text.hasPrefix("p"), text.hasSuffix(".png"), let number = Int(text.dropFirst().dropLast(4)) else {
      return false
    }
    return number > 0 && name(number) == text
  }
}
