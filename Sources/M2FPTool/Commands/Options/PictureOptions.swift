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
      "A .png file for one picture, or a folder, created if missing; beside each picture if absent.",
      valueName: "file|dir"))
  var output: String?

  @OptionGroup var input: InputOptions

  @OptionGroup var parser: ParserOptions

  @OptionGroup(title: "Parts and people") var selection: SelectionOptions

  @OptionGroup(title: "The matte") var matte: MatteOptions

  @OptionGroup(title: "Cleaning of masks") var cleaning: CleaningOptions

  func validate() throws { _ = try place() }

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
    let list = InputList(arguments: arguments, recursive: input.recursive)
    let plan = try PicturePlan(inputs: list.inputs, place: PicturePlace(output), ending: ending)
    let refused = list.reportRefusals()
    guard !plan.jobs.isEmpty else { return refused }
    let parser = try parser.makeParser()
    let selection = try selection.selection(among: parser.model.classes.map { Label($0) })
    let reader = PictureReader(limits: self.parser.imageLimits)
    Interrupt.watch()
    var batch = Batch(plan.jobs, name: \.input.name)
    if input.skipExisting { batch.isDone = { FilePath.isThere($0.path, as: .file) } }
    let summary = batch.run { job throws(Failure) in
      do {
        let photo = try reader.read(job.input).image
        let parsing = try parse(photo, with: parser)
        selection.noteMissingPeople(in: parsing, name: job.input.name)
        if !selection.isFound(in: parsing) { logger.notice("\(job.input.name): nothing of the selection is in it") }
        let mattes = try ChosenMattes(
          of: parsing, photo: photo, selection: selection, refinement: matte.refinement, edges: matte.edges)
        let data = try make(mattes)
        try ResultFolder.prepare(FilePath.folder(of: job.path))
        try AtomicFile.write(data, to: URL(filePath: job.path))
      } catch {
        throw Failure(error, about: job.input.name)
      }
    }
    summary.report(verb: verb)
    return max(summary.status, refused)
  }

  private func parse(_ photo: RGBImage, with parser: HumanParser) throws -> Parsing {
    let parsing = try parser.parse(photo)
    return cleaning.cleaning.map(parsing.cleaned) ?? parsing
  }
}
