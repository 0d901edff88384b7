import ArgumentParser
import Digests
import Foundation
import FrameSequences
import HumanParsing
import MaskMerging
import Platform

/// `m2fp sequence`: mattes of the frames of a shot.
struct SequenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence",
    abstract: "Make matte sequences of the frames of a shot.",
    discussion: """
      For shot.1001.png it writes DIR/person/person.1001.png, DIR/hair/hair.1001.png and so on, one folder for each \
      matte, and DIR/sequence.json, which says who is where. People keep their numbers over the whole shot. Every file \
      appears whole or not at all. Ctrl-C and SIGTERM stop after the current frame; the same command with --resume goes \
      on from there.
      """)

  @Argument(
    help: ArgumentHelp(
      "A pattern such as shot.####.png, shot.%04d.png, shot.@@@@.png or 'shot.$F4.png', a folder of numbered frames, or "
        + "one of the frames.",
      valueName: "input"))
  var input: String

  @Option(name: .customShort("o"), help: ArgumentHelp("Folder for the results, made if missing.", valueName: "dir"))
  var folder: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Frames, such as 1001-1100x2,1200; from the first to the last that is there if absent.", valueName: "list"))
  var frames: FrameRangeArgument?

  @Option(help: "What to do about missing frames.")
  var missing: MissingFramePolicy = .error

  @Option(help: ArgumentHelp("Frames in a second; people who leave are remembered for two seconds.", valueName: "rate"))
  var fps = 24.0

  @Option(help: "How masks are smoothed over time.")
  var temporal: TemporalSmoothing = .light

  @Flag(help: "Go on where an earlier run with the same settings ended.")
  var resume = false

  @OptionGroup var parser: ParserOptions

  @Option(help: ArgumentHelp("What to write, separated by commas; mattes if absent.", valueName: "list"))
  var output: CommaList<SequenceOutput>?

  @OptionGroup(title: "Parts and people") var selection: SelectionOptions

  @OptionGroup(title: "The merged picture") var colors: ColorOptions

  @OptionGroup(title: "Mattes and the cutout") var matte: MatteOptions

  @Option(help: "Bits of a matte's pixel: 8 or 16; 16 if absent.")
  var matteDepth: MatteDepth?

  @OptionGroup(title: "Cleaning of masks") var cleaning: CleaningOptions

  private var outputs: Set<SequenceOutput> { Set(output?.elements ?? [.mattes]) }

  func validate() throws {
    if folder.isEmpty || folder == "-" { throw ValidationError("-o: expected a folder, found \"\(folder)\"") }
    guard fps > 0, fps <= 1000 else { throw ValidationError("--fps: expected above 0 and at most 1000, found \(fps)") }
    let selected = selection.people == nil ? SequenceOutput.selective : SequenceOutput.matted
    try expect(selected, for: selection.given)
    try expect(SequenceOutput.matted, for: matte.given)
    try expect(SequenceOutput.gray, for: matteDepth == nil ? [] : ["--matte-depth"])
    try expect([.color], for: colors.given)
  }

  /// Rejects flags that do not affect any result that is written.
  private func expect(_ kinds: Set<SequenceOutput>, for flags: [String]) throws {
    if let flag = flags.first, kinds.isDisjoint(with: outputs) {
      let names = SequenceOutput.allCases.filter(kinds.contains).map(\.rawValue)
      throw ValidationError("\(flag): expected \(names.joined(separator: " or ")) among --output, found none of them")
    }
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let pattern = try SequenceInput.pattern(input)
      let list = try SequenceInput.frames(of: pattern, range: frames?.range, missing: missing)
      let parser = try parser.makeParser()
      let writer = try makeWriter(parser)
      try refuseOverwriting(pattern, writer)
      if !list.missing.numbers.isEmpty { logger.warning("\(pattern.path): missing frames: \(list.missing)") }
      let memory = ShotMemory.frames(perSecond: fps)
      let settings = SequenceSettings(
        writer, weights: try weights(of: parser), input: pattern.path, missing: missing.rawValue, memory: memory,
        temporal: temporal)
      try ResultFolder.prepare(folder)
      Interrupt.watch()
      let run = SequenceRun(
        frames: list.frames, parser: parser, reader: SequenceReader(limits: self.parser.imageLimits), writer: writer,
        temporal: temporal)
      return try process(run, settings, memory: memory)
    }
  }

  private func makeWriter(_ parser: HumanParser) throws(Failure) -> SequenceWriter {
    let classes = parser.model.classes.map { Label($0) }
    let chosen = try selection.selection(among: classes)
    for mask in chosen.masks where outputs.contains(where: { $0.isFolder && $0.rawValue == mask.name }) {
      throw Failure(.usage, "--group: expected a name that nothing else has, found \(mask.name)")
    }
    return SequenceWriter(
      folder: folder, outputs: outputs, selection: chosen, people: selection.people.map { Set($0.elements) },
      palette: try colors.palette.palette(for: classes), smoothing: colors.smoothing?.smoothing ?? .none,
      order: colors.order?.order, refinement: matte.refinement, edges: matte.edges,
      matteDepth: matteDepth ?? .sixteen, cleaning: cleaning.cleaning)
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

  private func process(
    _ run: SequenceRun, _ settings: SequenceSettings, memory: Int
  ) throws(Failure) -> ExitReason {
    let earlier =
      resume
      ? try SequenceResumption(in: folder, settings: settings, frames: run.frames, writer: run.writer) : nil
    if resume { SequenceResumption.removeTemporaries(in: folder, run.writer) }
    var sizes = FrameSizes()
    for record in earlier?.records ?? [] { sizes.add(record.error == nil ? (record.width, record.height) : nil) }
    if let earlier {
      logger.notice("\(earlier.records.count) of \(run.frames.count) frames are there")
      for index in earlier.damaged {
        if Interrupt.isRequested { return report(ShotSummary(), done: 0, of: run.frames.count) }
        let record = earlier.records[index]
        logger.notice("frame \(record.number): its results are not whole, and made again")
        try run.repair(index, record, peopleCount: earlier.peopleCount)
      }
    }
    if let earlier, earlier.state == nil {
      var summary = ShotSummary()
      for record in earlier.records { summary.add(record) }
      return report(summary, done: earlier.records.count, of: run.frames.count)
    }
    let journal: SequenceJournal
    if let earlier, let state = earlier.state {
      journal = try SequenceJournal(in: folder, settings: settings, after: state, earlier.records)
    } else {
      journal = try SequenceJournal(in: folder, settings: settings)
    }
    let committer = SequenceCommitter(
      journal, first: sizes.count, progress: SequenceProgress(total: run.frames.count, done: sizes.count))
    let state = earlier?.state?.shot ?? ShotState(memory: memory)
    run(from: sizes.count, state: state, sizes: sizes, committer)
    let (summary, done) = try committer.finish(frames: run.frames.count)
    if let failure = committer.failure {
      logger.error("\(failure.message)")
      return max(report(summary, done: done, of: run.frames.count), failure.status)
    }
    return report(summary, done: done, of: run.frames.count)
  }

  /// Logs who is in the shot, what is to be looked at, and how to go on.
  private func report(_ summary: ShotSummary, done: Int, of count: Int) -> ExitReason {
    for line in summary.lines { logger.notice("\(line)") }
    guard done < count else { return summary.worst }
    logger.notice("\(done) of \(count) frames are done; the same command with --resume goes on from here.")
    guard Interrupt.isRequested else { return summary.worst }
    // Farms send SIGTERM, and start again what ends with this status.
    return ExitReason.signalled == .terminated ? .tryAgain : .signalled
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

extension ShotSummary {
  /// Most frames to look at that are listed.
  private static let mostReviewed = 12

  /// The shot in lines for people.
  var lines: [String] {
    var lines = ["\(parsed) parsed" + (failed > 0 ? ", \(failed) failed" : "")]
    lines += people.map { person in
      let score = String((person.meanScore * 100).rounded() / 100)
      return
        "person \(person.number): frames \(person.first) to \(person.last), \(person.frames) of them, score \(score)"
    }
    let others = review.filter { !$0.reasons.isEmpty }
    lines += others.prefix(Self.mostReviewed).map { "frame \($0.frame): \($0.reasons.joined(separator: ", "))" }
    if others.count > Self.mostReviewed {
      lines.append("\(others.count - Self.mostReviewed) more frames to look at are in sequence.json")
    }
    return lines
  }
}
