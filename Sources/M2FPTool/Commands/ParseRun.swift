import HumanParsing
import Platform

/// The batch of `m2fp parse`.
struct ParseRun {
  let parser: HumanParser
  let reader: PictureReader
  let writer: ResultWriter
  let skipExisting: Bool
  /// The document of the whole batch, if there is to be one.
  let cocoFile: COCOFile?
  /// Whether to print a line of JSON for each picture.
  let json: Bool

  func callAsFunction(_ jobs: [Job]) -> BatchSummary {
    var batch = Batch(jobs, name: \.input.name)
    let cocoNames = cocoFile == nil ? [:] : COCOFile.fileNames(of: jobs)
    if skipExisting {
      let files = writer.folderFiles
      batch.isDone = { job in
        let isInFile = cocoFile.map { $0.holds(cocoNames[job.input, default: ""]) } ?? true
        return isInFile && job.isDone(writer.outputs, files: files)
      }
    }
    batch.didSkip = { job throws(Failure) in
      if json { try ParseLine(input: job.input.name, isSkipped: true).write() }
    }
    return batch.run { job throws(Failure) in
      do {
        let line = try parse(job, cocoName: cocoNames[job.input, default: ""])
        if json { try line.write() }
      } catch {
        let failure = Failure(error, about: job.input.name)
        if json { try ParseLine(input: job.input.name, failure: failure).write() }
        throw failure
      }
    }
  }

  private func parse(_ job: Job, cocoName: String) throws -> ParseLine {
    let isStreamed = writer.stream != nil
    if !writer.overwrites, !isStreamed { try job.checkReplacing(writer.outputs) }
    let picture = try reader.read(job.input)
    var parsing = try parser.parse(picture.photo.image, threads: nil) { try Interrupt.checkUrgency() }
    parsing.timings.decode = picture.milliseconds
    if !isStreamed { try ResultFolder.prepare(job.folder) }
    let outputs = try writer.write(&parsing, of: picture.photo, for: job)
    if let cocoFile, !cocoFile.holds(cocoName) { cocoFile.add(parsing, fileName: cocoName) }
    try picture.checkAlone()
    return ParseLine(input: job.input.name, outputs: outputs, summary: parsing.summary(weights: writer.weights))
  }
}

/// JSON line of `m2fp parse --json` for one picture.
struct ParseLine: Encodable {
  /// Name of the picture, as the user named it.
  let input: String
  var outputs: [String]?
  var summary: ParsingSummary?
  var isSkipped = false
  var failure: Failure?

  private enum CodingKeys: String, CodingKey {
    case input, outputs, skipped, error, status
  }

  /// Encodes the members of the summary beside those of the line.
  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(input, forKey: .input)
    try values.encodeIfPresent(outputs, forKey: .outputs)
    if isSkipped { try values.encode(true, forKey: .skipped) }
    try values.encodeIfPresent(failure?.message, forKey: .error)
    try values.encodeIfPresent(failure?.status.rawValue, forKey: .status)
    try summary?.encode(to: encoder)
  }

  func write() throws(Failure) {
    let text: String
    do { text = try JSONText.line(self) } catch { throw Failure(error) }
    try StandardStream.writeResult(text)
  }
}
