import Foundation
import HumanParsing
import ImageCoding
import MaskMerging

/// Writes what `--output` asks for.
struct ResultWriter {
  let outputs: Set<OutputKind>
  let selection: Selection
  let palette: Palette
  let smoothing: Smoothing
  /// How parts are painted over each other; nil for the decision of the label map.
  let order: PaintOrder?
  let refinement: MatteRefinement?
  let edges: EdgeControls
  let matteDepth: MatteDepth
  let cleaning: MaskCleaning?
  /// Name of the weights, for the JSON file.
  let weights: String

  /// Writes the results of one picture, the JSON last.
  ///
  /// - Parameters:
  ///   - parsing: Is cleaned, and gets the time that the other results took.
  ///   - photo: The picture that was parsed.
  ///   - job: Where the results go.
  /// - Returns: Paths of what was written.
  /// - Throws: ``Failure``, `ImageCodingError` or `MaskMergingError`.
  func write(_ parsing: inout Parsing, of photo: RGBImage, for job: Job) throws -> [String] {
    let start = ContinuousClock.now
    selection.noteMissingPeople(in: parsing, name: job.input.name)
    if let cleaning { parsing = parsing.cleaned(cleaning) }
    // Computed once for all that are made of them.
    let mattes =
      outputs.isDisjoint(with: OutputKind.matted)
      ? nil
      : try ChosenMattes(of: parsing, photo: photo, selection: selection, refinement: refinement, edges: edges)
    var paths: [String] = []
    for kind in OutputKind.allCases where outputs.contains(kind) {
      let path = job.path(of: kind)
      if kind.isFolder {
        try writeFolder(kind, parsing, mattes, to: path)
      } else {
        try AtomicFile.write(data(of: kind, parsing, photo, mattes, job), to: URL(filePath: path))
      }
      paths.append(path)
      parsing.timings.encode = (ContinuousClock.now - start) / .milliseconds(1)
    }
    return paths
  }

  private func data(
    of kind: OutputKind, _ parsing: Parsing, _ photo: RGBImage, _ mattes: ChosenMattes?, _ job: Job
  ) throws -> Data {
    switch kind {
    case .labels:
      let colors = palette.colors(of: parsing.classes).map { (red: $0.red, green: $0.green, blue: $0.blue) }
      return try parsing.labelMap.pngData(palette: colors)
    case .color:
      // The label map knows nothing of cleaned masks, so they are painted.
      let order = order ?? (cleaning == nil ? nil : .byConfidence)
      return try parsing.colorMap(palette: palette, order: order, smoothing: smoothing).pngData()
    case .overlay: return try parsing.overlay(on: photo, palette: palette).pngData()
    case .coco: return try parsing.coco(fileName: FilePath.name(of: job.input.name)).json()
    case .joints: return try parsing.jointHintsJSON()
    case .cutout: return try mattes?.cutout().pngData() ?? Data()
    case .json, .parts, .people, .mattes, .layers: return try parsing.summary(weights: weights).json()
    }
  }
}
