import ArgumentParser
import HumanParsing
import MaskMerging

extension OutputKind: ExpressibleByArgument {}

/// `m2fp parse`: pictures become label maps, masks and JSON.
struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Find people and their parts in pictures.",
    discussion: """
      For photo.jpg it writes photo.labels.png, photo.color.png and photo.json, or what --output asks for. Every file \
      appears whole or not at all. A picture that cannot be parsed is reported, and the others go on. Ctrl-C stops \
      after the current picture; the same command with --skip-existing goes on from there.
      """)

  @Argument(help: "PNG, JPEG or WebP files, folders of them, or - for standard input.")
  var inputs: [String]

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp("Folder for the results, made if missing; beside each picture if absent.", valueName: "dir"))
  var folder: String?

  @OptionGroup var parser: ParserOptions

  @Option(
    help: ArgumentHelp(
      "What to write, separated by commas; labels,color,json if absent.", valueName: "list"))
  var output: CommaList<OutputKind>?

  @Option(
    help: ArgumentHelp(
      "Parts for the masks and the cutout, separated by commas, such as hair,face; all if absent.", valueName: "list"))
  var parts: CommaList<Label>?

  @Option(help: "Colors of the merged picture.")
  var palette: PaletteName = .film

  @Flag(help: "Look for pictures in folders inside folders too.")
  var recursive = false

  @Flag(help: "Leave pictures alone whose results are all there.")
  var skipExisting = false

  @Flag(help: "Print a line of JSON for each picture to standard output.")
  var json = false

  func validate() throws {
    if folder == "-" { throw ValidationError("-o: expected a folder; results are files") }
    if folder == "" { throw ValidationError("-o: expected a folder, found an empty name") }
    if parts != nil, let output, Set(output.elements).isDisjoint(with: [.parts, .cutout]) {
      throw ValidationError("--parts: expected parts or cutout among --output, found neither")
    }
  }

  /// Parts without a choice of outputs means their masks too.
  private var outputs: Set<OutputKind> {
    if let output { return Set(output.elements) }
    return parts == nil ? OutputKind.standard : OutputKind.standard.union([.parts])
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let list = InputList(arguments: inputs, recursive: recursive)
      let plan = try JobPlan(inputs: list.inputs, folder: folder, outputs: outputs)
      for refusal in list.refusals {
        notes.error("\(refusal.path): \(refusal.failure.message)")
        if json { try ParseLine(input: refusal.path, failure: refusal.failure).write() }
      }
      let refused = list.refusals.map(\.failure.status).max() ?? .success
      guard !plan.jobs.isEmpty else { return refused }
      if let folder { try ResultFolder.prepare(folder) }
      let run = try makeRun()
      Interrupt.watch()
      let summary = run(plan.jobs)
      report(summary)
      return max(summary.status, refused)
    }
  }

  private func makeRun() throws(Failure) -> ParseRun {
    let parser = try parser.makeParser()
    let classes = parser.model.classes.map { Label($0) }
    if let strange = parts?.elements.first(where: { !classes.contains($0) }) {
      let names = classes.map(\.fileName).joined(separator: ", ")
      throw Failure(.usage, "--parts: expected some of \(names), found \(strange)")
    }
    let writer = ResultWriter(
      outputs: outputs, chosenParts: parts?.elements, palette: palette.palette, weights: parser.model.name)
    return ParseRun(
      parser: parser, reader: PictureReader(limits: self.parser.imageLimits), writer: writer,
      skipExisting: skipExisting, json: json)
  }

  private func report(_ summary: BatchSummary) {
    if summary.total > 1 { notes.notice("\(summary.text(verb: "parsed"))") }
    if summary.isInterrupted, summary.left > 0 {
      notes.notice("Interrupted; the same command with --skip-existing goes on from here.")
    }
  }
}
