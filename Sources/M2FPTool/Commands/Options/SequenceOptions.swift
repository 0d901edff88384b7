import ArgumentParser
import Digests
import Foundation
import FrameSequences
import HumanParsing
import MaskMerging
import Platform
import VideoFrames

/// Flags of the commands that make mattes of the frames of a shot, at once or in stages.
struct SequenceOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A pattern such as shot.####.exr, shot.%04d.png, shot.@@@@.png or 'shot.$F4.png', a folder of numbered frames, "
        + "one of the frames, or a video.",
      valueName: "input"))
  var input: String

  @Option(name: .customShort("o"), help: ArgumentHelp("Folder for the results, made if missing.", valueName: "dir"))
  var folder: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Frames, such as 1001-1100x2,1200; from the first to the last that is there if absent.", valueName: "list"))
  var frames: FrameRangeArgument?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of a video's first frame; \(Self.videoStart) if absent.", valueName: "n"))
  var firstFrame: Int?

  @Option(help: "What to do about missing frames.")
  var missing: MissingFramePolicy = .error

  @Option(
    help: ArgumentHelp(
      "Frames in a second; people who leave are remembered for two seconds. The video's, or 24, if absent.",
      valueName: "rate"))
  var fps: Double?

  @Option(help: "How masks are smoothed over time.")
  var temporal: TemporalSmoothing = .light

  @Flag(help: "Replace files in the place of results that m2fp did not write.")
  var overwrite = false

  @OptionGroup var parser: ParserOptions

  @OptionGroup(title: "OpenEXR plates") var plates: PlateOptions

  @Option(help: ArgumentHelp("What to write, separated by commas; mattes if absent.", valueName: "list"))
  var output: CommaList<SequenceOutput>?

  @OptionGroup(title: "Parts and people") var selection: SelectionOptions

  @OptionGroup(title: "The merged picture") var colors: ColorOptions

  @OptionGroup(title: "Mattes and the cutout") var matte: MatteOptions

  @OptionGroup(title: "Colors and transparency") var space: ColorSpaceOptions

  @OptionGroup(title: "Colors and transparency") var layers: LayerOptions

  @Option(help: "Bits of a matte's pixel: 8 or 16; 16 if absent.")
  var matteDepth: MatteDepth?

  @OptionGroup(title: "OpenEXR files of mattes") var exr: EXROptions

  @Option(
    help: ArgumentHelp(
      "People who have layers in OpenEXR files, whose channels are the same in all frames: the first n of the shot; "
        + "\(Self.exrPeople), or those of --people, if absent.", valueName: "n"))
  var exrPeople: Int?

  @OptionGroup(title: "Cleaning of masks") var cleaning: CleaningOptions

  /// Number of a video's first frame, as editors have it.
  private static let videoStart = 1001
  private static let framesPerSecond = 24.0
  private static let exrPeople = 8

  /// Kinds of results to write; videos are made of the mattes' files, so that they need those.
  private var outputs: Set<SequenceOutput> {
    let outputs = Set(output?.elements ?? [.mattes])
    return outputs.contains { $0.codec != nil } ? outputs.union([.mattes]) : outputs
  }

  func validate() throws {
    if folder.isEmpty || folder == "-" { throw ValidationError("-o: expected a folder, found \"\(folder)\"") }
    if let fps, !(fps > 0 && fps <= 1000) {
      throw ValidationError("--fps: expected above 0 and at most 1000, found \(fps)")
    }
    if let firstFrame, abs(firstFrame) > 1_000_000_000 {
      throw ValidationError("--first-frame: expected at most 1000000000, found \(firstFrame)")
    }
    let selected = selection.people == nil ? SequenceOutput.selective : SequenceOutput.matted
    try expect(selected, for: selection.given)
    try expect(SequenceOutput.matted, for: matte.given)
    try expect(SequenceOutput.gray, for: matteDepth == nil ? [] : ["--matte-depth"])
    try expect([.color], for: colors.given)
    try expect(SequenceOutput.ownColors, for: space.given + (layers.alpha == nil ? [] : ["--alpha"]))
    try expect([.cutout], for: layers.edgeExtend == nil ? [] : ["--edge-extend"])
    try expect(SequenceOutput.openEXR, for: exr.given + (exrPeople == nil ? [] : ["--exr-people"]))
    if let exrPeople, !(0...99).contains(exrPeople) {
      throw ValidationError("--exr-people: expected 0 to 99, found \(exrPeople)")
    }
    if exrPeople != nil, selection.people != nil {
      throw ValidationError("--exr-people: expected no --people beside it")
    }
  }

  /// Rejects flags that do not affect any result that is written.
  private func expect(_ kinds: Set<SequenceOutput>, for flags: [String]) throws {
    if let flag = flags.first, kinds.isDisjoint(with: outputs) {
      let names = SequenceOutput.allCases.filter(kinds.contains).map(\.rawValue)
      throw ValidationError("\(flag): expected \(names.joined(separator: " or ")) among --output, found none of them")
    }
  }

  /// What the command line asks for.
  func job() throws(Failure) -> SequenceJob {
    switch try SequenceInput(input) {
    case .frames(let pattern): try job(pattern)
    case .video(let path): try job(video: path)
    }
  }

  private func job(_ pattern: FramePattern) throws(Failure) -> SequenceJob {
    if firstFrame != nil {
      throw Failure(.usage, "--first-frame: expected a video, whose frames have no numbers, found frames that have")
    }
    let isPlates = pattern.suffix.lowercased().hasSuffix(".exr")
    if isPlates, let video = outputs.first(where: { $0 == .video || $0 == .vp9 }) {
      throw Failure(
        .usage,
        "--output \(video.rawValue): expected frames whose colors a video can have, found scene-linear plates; ffv1 has "
          + "the mattes alone")
    }
    let list = try SequenceInput.frames(of: pattern, range: frames?.range, missing: missing)
    let parser = try parser.makeParser()
    let writer = try makeWriter(parser, shot: SequenceVideos.name(of: .files(list.frames), pattern.path))
    try refuseOverwriting(pattern, writer)
    if !list.missing.numbers.isEmpty { logger.warning("\(pattern.path): missing frames: \(list.missing)") }
    let memory = ShotMemory.frames(perSecond: fps ?? Self.framesPerSecond)
    let settings = SequenceSettings(
      writer, weights: try weights(of: parser), options: parser.options, input: pattern.path,
      missing: missing.rawValue, memory: memory, temporal: temporal,
      plateView: isPlates ? plates.plateView : nil, color: space.color)
    return job(.files(list.frames), parser, writer, settings, rate: Ratio(rate: fps ?? Self.framesPerSecond))
  }

  private func job(video path: String) throws(Failure) -> SequenceJob {
    let firstFrame = firstFrame ?? Self.videoStart
    let selection = try SequenceInput.frames(
      ofVideo: path, from: firstFrame, range: frames?.range, missing: missing)
    let parser = try parser.makeParser()
    let writer = try makeWriter(parser, shot: SequenceVideos.name(of: .video(selection), path))
    let rate = fps ?? selection.video.rate?.value ?? Self.framesPerSecond
    let settings = SequenceSettings(
      writer, weights: try weights(of: parser), options: parser.options, input: path,
      video: (selection.video, firstFrame), missing: missing.rawValue, memory: ShotMemory.frames(perSecond: rate),
      temporal: temporal, color: space.color)
    for note in selection.video.notes { logger.notice("\(path): \(note)") }
    return job(
      .video(selection), parser, writer, settings,
      rate: fps.map { Ratio(rate: $0) } ?? selection.video.rate ?? Ratio(rate: rate))
  }

  private func job(
    _ frames: SequenceFrames, _ parser: HumanParser, _ writer: SequenceWriter, _ settings: SequenceSettings,
    rate: Ratio
  ) -> SequenceJob {
    let chosen = selection.parts.isEmpty && selection.groups.isEmpty ? [] : writer.selection.masks.map(\.name)
    let videos = SequenceVideos(
      folder: folder, codecs: SequenceOutput.allCases.filter(writer.outputs.contains).compactMap(\.codec),
      name: SequenceVideos.name(of: frames, input),
      mattes: ["person"] + chosen.filter { $0 != "person" && $0 != "background" },
      rate: rate, writer: writer)
    let run = SequenceRun(
      frames: frames, parser: parser, reader: reader, writer: writer, temporal: temporal)
    return SequenceJob(folder: folder, run: run, settings: settings, videos: videos)
  }

  private var reader: SequenceReader {
    SequenceReader(
      decoder: PictureDecoder(
        limits: parser.imageLimits, view: plates.plateView,
        keepsPlates: !outputs.isDisjoint(with: SequenceOutput.openEXR),
        colors: outputs.isDisjoint(with: SequenceOutput.ownColors) ? nil : space.color ?? .keep))
  }

  private func makeWriter(_ parser: HumanParser, shot: String) throws(Failure) -> SequenceWriter {
    let classes = parser.model.classes.map { Label($0) }
    let chosen = try selection.selection(among: classes)
    for mask in chosen.masks where outputs.contains(where: { $0.isFolder && $0.rawValue == mask.name }) {
      throw Failure(.usage, "--group: expected a name that nothing else has, found \(mask.name)")
    }
    return SequenceWriter(
      folder: folder, outputs: outputs, selection: chosen, people: selection.people.map { Set($0.elements) },
      palette: try colors.palette.palette(for: classes), smoothing: colors.smoothing?.smoothing ?? .none,
      order: colors.order?.order, refinement: matte.refinement, edges: matte.edges,
      matteDepth: matteDepth ?? .sixteen, cleaning: cleaning.cleaning,
      exr: exr.form(layers.alpha), layers: layers.form, shot: shot,
      exrPeople: selection.people.map { Array(Set($0.elements)).sorted() }
        ?? Array((0..<(exrPeople ?? Self.exrPeople)).map { $0 + 1 }))
  }

  /// Refuses a folder in which the results would replace the frames.
  private func refuseOverwriting(_ pattern: FramePattern, _ writer: SequenceWriter) throws(Failure) {
    let source = FilePath.canonical(pattern.folder)
    let name = FilePath.name(of: source)
    if FilePath.canonical(FilePath.join(folder, name)) == source,
      SequenceFolder.isWritten(name, outputs: outputs, masks: writer.selection.masks.map(\.name))
    {
      throw Failure(.usage, "-o: expected a folder where the results do not replace the frames in \(pattern.folder)")
    }
  }

  private func weights(of parser: HumanParser) throws(Failure) -> SequenceSettings.Weights {
    let path = parser.weights.path
    do {
      let file = try InputFile(path: path).map()
      let digest = SHA256Digest(of: file.bytes).hexadecimal(prefix: 32)
      return SequenceSettings.Weights(name: parser.model.name, sha256: digest)
    } catch { throw Failure(.noInput, "\(path): the weights cannot be read: \(error)") }
  }
}

/// Frame numbers as the value of an option.
struct FrameRangeArgument: ExpressibleByArgument {
  let range: FrameRange

  init?(argument: String) {
    guard let range = try? FrameRange(argument) else { return nil }
    self.range = range
  }
}
