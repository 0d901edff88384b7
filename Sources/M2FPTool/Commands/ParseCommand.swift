import ArgumentParser
import HumanParsing
import MaskMerging
import Platform

/// `m2fp parse`: label maps, masks, mattes and JSON of pictures.
struct ParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parse",
    abstract: "Find people and their parts in pictures.",
    discussion: """
      For photo.jpg it writes photo.labels.png, photo.color.png and photo.json, or what --output asks for. Every file \
      appears whole or not at all. A picture that cannot be parsed is reported, and the others go on. Ctrl-C stops \
      after the current picture; the same command with --skip-existing goes on from there.
      """)

  @Argument(help: "Pictures (PNG, JPEG, WebP, TIFF, HEIC, AVIF, OpenEXR), folders of them, or - for standard input.")
  var inputs: [String]

  @Option(
    name: .customShort("o"),
    help: ArgumentHelp(
      "Folder for the results, made if missing; beside each picture if absent. With - one result is written to "
        + "standard output, and several as a TAR archive.", valueName: "dir"))
  var folder: String?

  @OptionGroup var input: InputOptions

  @OptionGroup var parser: ParserOptions

  @OptionGroup(title: "OpenEXR plates") var plates: PlateOptions

  @Option(
    help: ArgumentHelp(
      "What to write, separated by commas; labels,color,json if absent.", valueName: "list"))
  var output: CommaList<OutputKind>?

  @OptionGroup(title: "Parts and people") var selection: SelectionOptions

  @OptionGroup(title: "The merged picture") var colors: ColorOptions

  @OptionGroup(title: "Mattes, layers and the cutout") var matte: MatteOptions

  @OptionGroup(title: "Colors and transparency") var space: ColorSpaceOptions

  @OptionGroup(title: "Colors and transparency") var layers: LayerOptions

  @Option(help: "Bits of a matte's pixel: 8 or 16.")
  var matteDepth: MatteDepth?

  @OptionGroup(title: "OpenEXR files of mattes") var exr: EXROptions

  @OptionGroup(title: "Cleaning of masks") var cleaning: CleaningOptions

  @OptionGroup(title: "COCO documents") var coco: COCOOptions

  @Flag(help: "Print a line of JSON for each picture to standard output.")
  var json = false

  func validate() throws {
    if folder == "-", json {
      throw ValidationError("--json: expected no -o - beside it, since both write to standard output")
    }
    if folder == "-", input.skipExisting { throw ValidationError("--skip-existing: expected no -o - beside it") }
    if folder == "" { throw ValidationError("-o: expected a folder, found an empty name") }
    let selective = selection.people == nil ? OutputKind.selective : OutputKind.selective.union([.people])
    try expect(selective, for: selection.given)
    try expect(OutputKind.matted, for: matte.given)
    try expect([.mattes], for: matteDepth == nil ? [] : ["--matte-depth"])
    try expect([.color], for: colors.given)
    try expect(OutputKind.colored, for: space.given + (layers.alpha == nil ? [] : ["--alpha"]))
    try expect([.layers, .cutout], for: layers.edgeExtend == nil ? [] : ["--edge-extend"])
    try expect(OutputKind.openEXR, for: exr.given)
    if coco.cocoFile == nil { try expect([.coco], for: coco.given) }
    if coco.cocoFile != nil, folder == "-" { throw ValidationError("--coco-file: expected no -o - beside it") }
  }

  /// Rejects flags that do not affect any result that is written.
  private func expect(_ kinds: Set<OutputKind>, for flags: [String]) throws {
    if let flag = flags.first, kinds.isDisjoint(with: outputs) {
      let names = OutputKind.allCases.filter(kinds.contains).map(\.rawValue)
      throw ValidationError("\(flag): expected \(names.joined(separator: " or ")) among --output, found none of them")
    }
  }

  /// The kinds of results to write. Without `--output`, a selection of parts or people adds their masks.
  private var outputs: Set<OutputKind> {
    // The one document stands for those beside the pictures.
    if let output { return Set(output.elements).subtracting(coco.cocoFile == nil ? [] : [.coco]) }
    return selection.given.isEmpty ? OutputKind.standard : OutputKind.standard.union([.parts])
  }

  func run() throws {
    try exiting { () throws(Failure) in
      let list = input.list(inputs)
      let isStreamed = folder == "-"
      let plan = JobPlan(
        inputs: list.inputs, folder: isStreamed ? "." : folder, outputs: outputs, isStreamed: isStreamed)
      let refusals = list.refusals + plan.refusals
      let refused = refusals.report()
      if json {
        for refusal in refusals { try ParseLine(input: refusal.path, failure: refusal.failure).write() }
      }
      guard !plan.jobs.isEmpty else { return refused }
      if let folder, !isStreamed { try ResultFolder.prepare(folder) }
      if let file = coco.cocoFile { try ResultFolder.prepare(FilePath.folder(of: file)) }
      let isSingle =
        inputs.count == 1 && list.inputs.count == 1 && outputs.count == 1 && !outputs.contains(where: \.isFolder)
      let stream = isStreamed ? ResultStream(isArchive: !isSingle) : nil
      if !isSingle || outputs.isDisjoint(with: OutputKind.texts) { try stream?.checkNoTerminal() }
      let run = try makeRun(stream)
      Interrupt.watch()
      var summary = run(plan.jobs)
      summary.add(refusals)
      try stream?.finish()
      try run.cocoFile?.write()
      summary.report(verb: "parsed")
      return summary.status
    }
  }

  private func makeRun(_ stream: ResultStream?) throws(Failure) -> ParseRun {
    let parser = try parser.makeParser()
    let classes = parser.model.classes.map { Label($0) }
    let writer = ResultWriter(
      outputs: outputs, selection: try selection.selection(among: classes),
      palette: try colors.palette.palette(for: classes), smoothing: colors.smoothing?.smoothing ?? .none,
      order: colors.order?.order, refinement: matte.refinement, edges: matte.edges,
      matteDepth: matteDepth ?? .eight, cleaning: cleaning.cleaning, coco: coco.form, exr: exr.form(layers.alpha),
      layers: layers.form,
      weights: parser.model.name,
      stream: stream,
      overwrites: input.overwrite)
    let cocoFile = try makeCOCOFile(classes)
    return ParseRun(
      parser: parser,
      reader: PictureReader(
        decoder: PictureDecoder(
          limits: self.parser.imageLimits, view: plates.plateView,
          keepsPlates: !outputs.isDisjoint(with: OutputKind.openEXR),
          colors: outputs.isDisjoint(with: OutputKind.colored) ? nil : space.color ?? .keep)),
      writer: writer,
      skipExisting: input.skipExisting, cocoFile: cocoFile, json: json)
  }

  private func makeCOCOFile(_ classes: [Label]) throws(Failure) -> COCOFile? {
    guard let path = coco.cocoFile else { return nil }
    return try COCOFile(
      path: path, form: coco.form, classes: classes, continues: input.skipExisting, overwrites: input.overwrite)
  }
}
