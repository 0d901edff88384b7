import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

/// Flags of commands that make one picture of each photograph with the matte of the selection.
struct PictureOptions: ParsableArguments {
  @Option(
    name: .customShort("o"),
    help: ArgumentHelp(
      "A .png file for one picture, or a folder, created if missing; beside each picture if absent. With - one picture is "
        + "written to standard output, and several as a TAR archive.",
      valueName: "file|dir"))
  var output: String?

  @OptionGroup var input: InputOptions

  @OptionGroup var parser: ParserOptions

  @OptionGroup var colors: ColorSpaceOptions

  @OptionGroup(title: "Parts and people") var selection: SelectionOptions

  @OptionGroup(title: "The matte") var matte: MatteOptions

  @OptionGroup(title: "Cleaning of masks") var cleaning: CleaningOptions

  func validate() throws {
    if try place() == .standardOutput, input.skipExisting {
      throw ValidationError("--skip-existing: expected no -o - beside it")
    }
  }

  private func place() throws -> PicturePlace {
    do { return try PicturePlace(output) } catch { throw ValidationError(error.message) }
  }

  /// Makes a picture of each photograph.
  ///
  /// - Parameters:
  ///   - arguments: Files, folders, or "-".
  ///   - ending: Ending of the results' names.
  ///   - verb: The past participle of the action for the summary, such as "cut out".
  ///   - make: Function that returns the bytes of the PNG file.
  func run(
    _ arguments: [String], ending: String, verb: String, make: (ChosenMattes) throws -> Data
  ) throws(Failure) -> ExitReason {
    let list = input.list(arguments)
    let place = try PicturePlace(output)
    let plan = try PicturePlan(inputs: list.inputs, place: place, ending: ending)
    let refusals = list.refusals + plan.refusals
    let refused = refusals.report()
    guard !plan.jobs.isEmpty else { return refused }
    let stream =
      place == .standardOutput ? ResultStream(isArchive: arguments.count != 1 || list.inputs.count != 1) : nil
    try stream?.checkNoTerminal()
    let parser = try parser.makeParser()
    let selection = try selection.selection(among: parser.model.classes.map { Label($0) })
    let reader = PictureReader(
      decoder: PictureDecoder(limits: self.parser.imageLimits, colors: colors.color ?? .keep))
    Interrupt.watch()
    var batch = Batch(plan.jobs, name: \.input.name)
    if input.skipExisting { batch.isDone = { OwnFile.isOwn($0.path) } }
    var summary = batch.run { job throws(Failure) in
      do {
        if stream == nil, !input.overwrite, !place.isFile { try OwnFile.checkReplacing(job.path) }
        let read = try reader.read(job.input)
        let parsing = try parse(read.photo.image, with: parser)
        selection.noteMissingPeople(in: parsing, name: job.input.name)
        if !selection.isFound(in: parsing) { logger.notice("\(job.input.name): nothing of the selection is in it") }
        let mattes = try ChosenMattes(
          of: parsing, photo: read.photo, selection: selection, refinement: matte.refinement, edges: matte.edges)
        let data = OwnFile.marked(try make(mattes))
        if let stream {
          try stream.write(data, name: job.path)
        } else {
          try ResultFolder.prepare(FilePath.folder(of: job.path))
          try AtomicFile.write(data, to: FilePath.url(job.path))
        }
        try read.checkAlone()
      } catch {
        throw Failure(error, about: job.input.name)
      }
    }
    summary.add(refusals)
    try stream?.finish()
    summary.report(verb: verb)
    return summary.status
  }

  private func parse(_ photo: RGBImage, with parser: HumanParser) throws -> Parsing {
    let parsing = try parser.parse(photo, threads: nil) { try Interrupt.checkUrgency() }
    return cleaning.cleaning.map(parsing.cleaned) ?? parsing
  }
}
