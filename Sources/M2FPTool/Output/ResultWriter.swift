import EXRFiles
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

/// Writer of the results of `m2fp parse`.
struct ResultWriter {
  let outputs: Set<OutputKind>
  let selection: Selection
  let palette: Palette
  let smoothing: Smoothing
  /// Order in which parts are painted over each other; with `nil`, each pixel has the color of its class in the label map.
  let order: PaintOrder?
  let refinement: MatteRefinement?
  let edges: EdgeControls
  let matteDepth: MatteDepth
  let cleaning: MaskCleaning?
  let coco: COCOForm
  let exr: EXRForm
  let layers: LayerForm
  /// Name of the weights in the JSON file.
  let weights: String
  /// Standard output, if results go there.
  let stream: ResultStream?
  /// Whether files of others are replaced.
  let overwrites: Bool

  /// Writes the results of one picture, the JSON last.
  ///
  /// - Parameters:
  ///   - parsing: The parsing, which is cleaned, and whose timings get the time for the results.
  ///   - photo: The parsed picture.
  ///   - job: The place of the results.
  /// - Returns: Paths of the files and folders that were written.
  /// - Throws: ``Failure``, `ImageCodingError` or `MaskMergingError`.
  func write(
    _ parsing: inout Parsing, of photo: Photo, for job: Job
  ) throws -> [String] {
    let start = ContinuousClock.now
    selection.noteMissingPeople(in: parsing, name: job.input.name)
    if let cleaning { parsing = parsing.cleaned(cleaning) }
    var picture = ParsedPicture(
      name: job.input.name, photo: photo, parsing: parsing, selection: selection, refinement: refinement, edges: edges)
    var paths: [String] = []
    for kind in OutputKind.allCases where outputs.contains(kind) {
      try Interrupt.checkUrgency()
      let path = job.path(of: kind)
      if kind.isFolder {
        try writeFolder(kind, of: &picture, to: path)
      } else {
        let file = OwnFile.marked(try data(of: kind, &picture))
        if let stream {
          try stream.write(file, name: path)
        } else {
          try AtomicFile.write(file, to: FilePath.url(path))
        }
      }
      paths.append(path)
      picture.parsing.timings.encode = (ContinuousClock.now - start) / .milliseconds(1)
    }
    parsing = picture.parsing
    return paths
  }

  private func data(of kind: OutputKind, _ picture: inout ParsedPicture) throws -> Data {
    let parsing = picture.parsing
    switch kind {
    case .labels:
      let colors = palette.colors(of: parsing.classes).map { (red: $0.red, green: $0.green, blue: $0.blue) }
      return try parsing.labelMap.pngData(palette: colors, compression: .flat)
    case .color:
      // The label map is not cleaned, so the cleaned masks are painted.
      let order = order ?? (cleaning == nil ? nil : .byConfidence)
      return try parsing.colorMap(palette: palette, order: order, smoothing: smoothing).pngData(compression: .flat)
    case .overlay: return try parsing.overlay(on: picture.photo, palette: palette, compression: .balanced)
    case .cutout: return try picture.mattes.get().cutout().pngData(layers)
    case .exr:
      let mattes = try picture.mattes.get()
      let indices = selection.people ?? selection.people(in: parsing)
      let people = indices.map { index -> (number: Int, index: Int?) in
        (index + 1, index < parsing.people.count ? index : nil)
      }
      let layers = try EXRForm.layers(of: mattes, selection, people: people)
      return try exr.image(of: picture.forEXR, layers).data()
    case .cryptomatte:
      let numbers = parsing.people.enumerated().map { index, person in
        person.score >= parsing.minimumPersonScore ? index + 1 : nil
      }
      let make = PictureCryptomattes(numbers: numbers, others: [], classes: parsing.classes)
      return try exr.image(of: picture.forEXR, make(of: picture.mattes.get().all, edges: edges)).data()
    case .legend: return try parsing.legend(palette: palette).pngData(compression: .flat)
    case .coco:
      return try coco.document(of: parsing, fileName: FilePath.name(of: picture.name), name: picture.name).json()
    case .joints: return try parsing.jointHintsJSON()
    case .json, .parts, .people, .mattes, .layers: return try parsing.summary(weights: weights).json()
    }
  }
}

/// A picture, its parsing and its mattes.
struct ParsedPicture {
  /// Name of the picture, as the user named it.
  let name: String
  let photo: Photo
  var parsing: Parsing
  let selection: Selection
  let refinement: MatteRefinement?
  let edges: EdgeControls
  var forEXR: EXRPicture { EXRPicture(photo: photo) }
  /// Mattes, computed on first use.
  lazy var mattes = Result {
    try ChosenMattes(
      of: parsing, photo: photo, selection: selection, refinement: refinement, edges: edges)
  }
}

extension Parsing {
  /// The PNG file of the photo with the colors of its parts over it, in 8-bit sRGB, with the photo's own alpha.
  func overlay(on photo: Photo, palette: Palette, compression: PNGCompression) throws -> Data {
    let picture = try overlay(on: photo.image, palette: palette)
    guard let alpha = photo.alpha else { return try picture.pngData(compression: compression) }
    return try picture.withAlpha(alpha).pngData(compression: compression)
  }
}
