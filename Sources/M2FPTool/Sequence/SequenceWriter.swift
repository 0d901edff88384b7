import EXRFiles
import Foundation
import FrameSequences
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

/// Writer of the results of `m2fp sequence`. Frames may be written by several threads at a time.
struct SequenceWriter: Sendable {
  /// Folder of all results.
  var folder: String
  let outputs: Set<SequenceOutput>
  /// Selected parts and groups; its people are those of a frame.
  let selection: Selection
  /// Numbers of the selected people; `nil` for all, and parts that belong to nobody.
  let people: Set<Int>?
  let palette: Palette
  let smoothing: Smoothing
  let order: PaintOrder?
  let refinement: MatteRefinement?
  let edges: EdgeControls
  let matteDepth: MatteDepth
  let cleaning: MaskCleaning?
  /// How OpenEXR files are written, what their names begin with, and the numbers of the people who have layers in all of them.
  let exr: EXRForm
  let layers: LayerForm
  let shot: String
  let exrPeople: [Int]
  /// Whether files that are there are replaced: those of an earlier run, or of others if the user says so.
  var replacesFiles = false
  /// Mattes of nobody, which are the same in all frames of a size.
  let black = BlackMatte()
  /// Folders that are there.
  private let prepared = Locked<Set<String>>([])

  /// A frame whose people have their numbers.
  struct Frame: Sendable {
    var digits: String
    var photo: Photo
    var parsing: Parsing
    /// Number of each of the parsing's people.
    var numbers: [Int?]
    /// People of the shot so far.
    var peopleCount: Int
  }

  /// Writes the results of a frame.
  ///
  /// - Returns: The files.
  /// - Throws: ``Failure``, `ImageCodingError` or `MaskMergingError`.
  func write(_ frame: Frame) throws -> [SequenceRecord.Output] {
    var frame = frame
    if let cleaning { frame.parsing = frame.parsing.cleaned(cleaning) }
    let chosen = people.map { people in
      frame.numbers.indices.filter { frame.numbers[$0].map(people.contains) ?? false }
    }
    let selection = Selection(
      classes: selection.classes, labels: selection.labels, groups: selection.groups, people: chosen)
    var picture = ParsedPicture(
      name: frame.digits, photo: frame.photo, parsing: frame.parsing, selection: selection, refinement: refinement,
      edges: edges)
    var files: [SequenceRecord.Output] = []
    for output in SequenceOutput.allCases where outputs.contains(output) {
      for (name, data) in try results(output, of: &picture, frame) {
        files.append(try write(data(), to: name, digits: frame.digits))
      }
    }
    return files
  }

  /// Writes black mattes for people who are not in a frame because they appear in a later one.
  func writeBlack(people numbers: some Sequence<Int>, digits: String, width: Int, height: Int) throws {
    for name in numbers.filter(isSelected).flatMap(personFolders) {
      _ = try write(black.data(width: width, height: height, depth: matteDepth), to: name, digits: digits)
    }
  }

  /// Folders of a person's mattes.
  func personFolders(_ number: Int) -> [String] {
    (outputs.contains(.people) ? [SequenceFolder.person(number)] : [])
      + (outputs.contains(.peopleParts)
        ? selection.masks.map { SequenceFolder.part($0.name, ofPerson: number) } : [])
  }

  /// All folders of results.
  ///
  /// - Parameter count: People of the shot.
  private func folders(people count: Int) -> [String] {
    let mattes = outputs.contains(.mattes) ? ["person", "background"] + selection.masks.map(\.name) : []
    let people = (0..<count).map { $0 + 1 }.filter(isSelected).flatMap(personFolders)
    return mattes + people + SequenceOutput.allCases.filter { outputs.contains($0) && $0.isFolder }.map(\.rawValue)
  }

  /// Throws for a file in the place of results, which no earlier run wrote.
  func checkFree(people count: Int) throws(Failure) {
    for name in folders(people: count) { try checkFree(FilePath.join(folder, name), name) }
  }

  func isSelected(_ number: Int) -> Bool { people?.contains(number) ?? true }

  /// Folders and closures that encode their files, so that only one encoded file is in memory at a time.
  private func results(
    _ output: SequenceOutput, of picture: inout ParsedPicture, _ frame: Frame
  ) throws -> [(folder: String, data: () throws -> Data)] {
    let parsing = frame.parsing
    switch output {
    case .mattes:
      let mattes = try picture.mattes.get()
      let masks = selection.masks.filter { !["person", "background"].contains($0.name) }
      let requests = [.init([.human])] + ([[.human]] + masks.map(\.labels)).map(mattes.request)
      let made = try mattes.mattes(of: requests)
      return [("background", { try data(of: made[0].inverted()) })]
        + zip(["person"] + masks.map(\.name), made.dropFirst()).map { name, matte in (name, { try data(of: matte) }) }
    case .people:
      return try files(
        people(of: frame).map { number, index in
          (SequenceFolder.person(number), index.map { ParsingMattes.Request([.human], people: [$0]) })
        }, of: &picture)
    case .peopleParts:
      return try files(
        people(of: frame).flatMap { number, index in
          selection.masks.map { name, labels in
            (SequenceFolder.part(name, ofPerson: number), index.map { ParsingMattes.Request(labels, people: [$0]) })
          }
        }, of: &picture)
    case .labels:
      let colors = palette.colors(of: parsing.classes).map { (red: $0.red, green: $0.green, blue: $0.blue) }
      return [(output.rawValue, { try parsing.labelMap.pngData(palette: colors, compression: .flat) })]
    case .color:
      // The label map is not cleaned, so the cleaned masks are painted.
      let order = order ?? (cleaning == nil ? nil : .byConfidence)
      return [
        (
          output.rawValue,
          {
            try parsing.colorMap(palette: palette, order: order, smoothing: smoothing).pngData(compression: .flat)
          }
        )
      ]
    case .overlay:
      return [
        (output.rawValue, { try parsing.overlay(on: frame.photo, palette: palette, compression: .fast) })
      ]
    case .exr:
      let mattes = try picture.mattes.get()
      let people = exrPeople.map { (number: $0, index: frame.numbers.firstIndex(of: $0)) }
      let layers = try EXRForm.layers(of: mattes, selection, people: people)
      let (form, forEXR) = (exr, picture.forEXR)
      return [(output.rawValue, { try form.image(of: forEXR, layers).data() })]
    case .cryptomatte:
      let mattes = try picture.mattes.get()
      let make = PictureCryptomattes(numbers: frame.numbers, others: exrPeople, classes: parsing.classes)
      let (form, forEXR) = (exr, picture.forEXR)
      return [(output.rawValue, { try form.image(of: forEXR, make(of: mattes.all, edges: edges)).data() })]
    case .video, .ffv1, .vp9:
      // They are made of the mattes' files once all of these are there.
      return []
    case .cutout:
      let mattes = try picture.mattes.get()
      return [(output.rawValue, { try mattes.cutout().pngData(layers, compression: .fast) })]
    }
  }

  /// Numbers of people of a frame who have no layer in the OpenEXR files.
  func peopleWithoutLayer(_ numbers: [Int?]) -> [Int] {
    guard outputs.contains(.exr), people == nil else { return [] }
    return numbers.compactMap(\.self).filter { !exrPeople.contains($0) }.sorted()
  }

  /// Numbers of the selected people of the shot so far, and their indices in a frame; `nil` for those who are not in it.
  private func people(of frame: Frame) -> [(number: Int, index: Int?)] {
    (0..<frame.peopleCount).map { $0 + 1 }.filter(isSelected).map { ($0, frame.numbers.firstIndex(of: $0)) }
  }

  /// Folders and mattes, which are made in one pass; black ones where nothing is requested.
  private func files(
    _ entries: [(folder: String, request: ParsingMattes.Request?)], of picture: inout ParsedPicture
  ) throws -> [(folder: String, data: () throws -> Data)] {
    var made = try picture.mattes.get().mattes(of: entries.compactMap(\.request)).makeIterator()
    let (width, height) = (picture.photo.width, picture.photo.height)
    return entries.map { folder, request in
      guard request != nil, let matte = made.next() else {
        return (folder, { try black.data(width: width, height: height, depth: matteDepth) })
      }
      return (folder, { try data(of: matte) })
    }
  }

  /// Most of a matte is flat: runs are found faster than anything else, and are the smallest.
  private func data(of matte: Matte) throws -> Data {
    switch matteDepth {
    case .eight: try matte.image8().pngData(compression: .flat)
    case .sixteen: try matte.image16().pngData(compression: .flat)
    }
  }

  private func write(_ data: Data, to name: String, digits: String) throws -> SequenceRecord.Output {
    // Another thread that writes to the folder waits until it is there.
    try prepared.withLock { (prepared) throws(Failure) in
      guard !prepared.contains(name) else { return }
      let path = FilePath.join(folder, name)
      try ResultFolder.prepare(path)
      if !replacesFiles { try checkFree(path, name) }
      prepared.insert(name)
    }
    let file = path(of: name, digits: digits)
    try AtomicFile.write(data, to: FilePath.url(FilePath.join(folder, file)))
    return SequenceRecord.Output(file: file, bytes: data.count)
  }

  /// Path of a frame's file, relative to the folder of the results.
  private func path(of name: String, digits: String) -> String {
    isEXR(name) ? "\(name)/\(shot).\(digits).exr" : SequenceFolder.file(name, digits: digits)
  }

  /// Whether a folder has OpenEXR files.
  private func isEXR(_ name: String) -> Bool {
    SequenceOutput(rawValue: name).map { SequenceOutput.openEXR.contains($0) && outputs.contains($0) } ?? false
  }

  /// Throws for a file in a folder that is named like one of its frames, which no earlier run wrote.
  private func checkFree(_ path: String, _ name: String) throws(Failure) {
    let files = (try? FileSystem.contents(of: path)) ?? []
    let (start, end) = isEXR(name) ? ("\(shot).", ".exr") : ("\(name).", ".png")
    if let other = files.first(where: { $0.hasPrefix(start) && $0.hasSuffix(end) }) {
      throw Failure(
        .inputOutput,
        "\(FilePath.join(path, other)): expected no frames of others where the results go; --overwrite replaces them, "
          + "another -o leaves them alone")
    }
  }
}

/// The encoded matte of nobody; that of the last size is kept.
final class BlackMatte: Sendable {
  private struct Key: Hashable {
    var width: Int
    var height: Int
    var depth: MatteDepth
  }

  private let last = Locked<(key: Key, data: Data)?>(nil)

  func data(width: Int, height: Int, depth: MatteDepth) throws -> Data {
    let key = Key(width: width, height: height, depth: depth)
    if let known = last.withLock({ $0 }), known.key == key { return known.data }
    let data =
      switch depth {
      case .eight:
        try GrayImage(width: width, height: height, pixels: Array(repeating: 0, count: width * height))
          .pngData(compression: .fast)
      case .sixteen:
        try Gray16Image(width: width, height: height, pixels: Array(repeating: 0, count: width * height))
          .pngData(compression: .fast)
      }
    last.withLock { $0 = (key, data) }
    return data
  }
}
