import HumanParsing

/// The work of `m2fp parse` on pictures whose results have their places.
struct ParseRun {
  let parser: HumanParser
  let reader: PictureReader
  let writer: ResultWriter
  let skipExisting: Bool
  /// Whether a line of JSON is printed for each picture.
  let json: Bool

  func callAsFunction(_ jobs: [Job]) -> BatchSummary {
    var batch = Batch(jobs, name: \.input.name)
    if skipExisting {
      let files = writer.folderFiles
      batch.isDone = { $0.isDone(writer.outputs, files: files) }
    }
    batch.didSkip = { job throws(Failure) in
      if json { try ParseLine(input: job.input.name, isSkipped: true).write() }
    }
    return batch.run { job throws(Failure) in
      do {
        let line = try parse(job)
        if json { try line.write() }
      } catch {
        let failure = Failure(error, about: job.input.name)
        if json { try ParseLine(input: job.input.name, failure: failure).write() }
        throw failure
      }
    }
  }

  private func parse(_ job: Job) throws -> ParseLine {
    let (photo, decoding) = try reader.read(job.input)
    var parsing = try parser.parse(photo)
    parsing.timings.decode = decoding
    try ResultFolder.prepare(job.folder)
    let outputs = try writer.write(&parsing, of: photo, for: job)
    return ParseLine(input: job.input.name, outputs: outputs, summary: parsing.summary(weights: writer.weights))
  }
}
