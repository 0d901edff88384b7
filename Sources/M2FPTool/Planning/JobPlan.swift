import Platform

/// A picture and the place of its results.
package struct Job: Hashable, Sendable {
  package var input: Input
  /// Folder of the results.
  package var folder: String

  package init(input: Input, folder: String) {
    self.input = input
    self.folder = folder
  }

  /// Path of the file or folder with the results of a kind.
  package func path(of kind: OutputKind) -> String { path(ending: kind.ending) }

  /// Path of the result with a given ending after the picture's stem.
  package func path(ending: String) -> String { FilePath.join(folder, "\(input.stem).\(ending)") }

  /// Whether all results of the job exist and are this program's own. Results are written atomically, so those that exist
  /// are complete.
  ///
  /// - Parameters:
  ///   - outputs: The kinds of results that the job would write.
  ///   - files: Names of the files that a folder of results must contain, by kind; none for kinds that are absent.
  package func isDone(_ outputs: Set<OutputKind>, files: [OutputKind: [String]] = [:]) -> Bool {
    outputs.allSatisfy { kind in
      if !kind.isFolder { return OwnFile.isOwn(path(of: kind)) }
      guard FilePath.isThere(path(of: kind), as: .folder) else { return false }
      return files[kind, default: []].allSatisfy { OwnFile.isOwn(FilePath.join(path(of: kind), $0)) }
    }
  }

  /// Throws for a file in the place of a result that this program did not write.
  package func checkReplacing(_ outputs: Set<OutputKind>) throws(Failure) {
    for kind in outputs where !kind.isFolder { try OwnFile.checkReplacing(path(of: kind)) }
  }
}

/// Assignment of pictures to output folders. It is made before the first picture is read, so that conflicts are reported
/// before anything is written.
package struct JobPlan: Equatable, Sendable {
  package private(set) var jobs: [Job]
  /// Pictures that would write the same files as another one, or over an input. The others are done.
  package private(set) var refusals: [InputList.Refusal] = []

  /// - Parameters:
  ///   - inputs: The pictures, without duplicates.
  ///   - folder: Output folder, in which results keep the subfolders of their pictures; `nil` for the pictures' folders.
  ///   - endings: Endings of the files that are written.
  ///   - isStreamed: Whether they are written to an archive, where no input is overwritten.
  package init(inputs: [Input], folder: String?, endings: [String], isStreamed: Bool = false) {
    jobs = inputs.map { input in
      Job(input: input, folder: folder.map { FilePath.join($0, input.subfolder) } ?? input.folder)
    }
    refuseSharedNames(endings)
    if !isStreamed { refuseOverwrittenInputs(endings) }
  }

  /// A plan for the results of `m2fp parse`.
  package init(inputs: [Input], folder: String?, outputs: Set<OutputKind>, isStreamed: Bool = false) {
    let files = OutputKind.allCases.filter { outputs.contains($0) && !$0.isFolder }
    self.init(inputs: inputs, folder: folder, endings: files.map(\.ending), isStreamed: isStreamed)
  }

  private mutating func refuse(_ job: Job, _ reason: String) {
    refusals.append(InputList.Refusal(path: job.input.name, failure: Failure(.usage, reason)))
  }

  /// Refuses pictures with the same stem, and those of which one result has the name of another result of another one:
  /// `a.coco.json` is the document of `a.png` and the summary of `a.coco.png`.
  private mutating func refuseSharedNames(_ endings: [String]) {
    let all = jobs.map { job in
      let place = job.place
      return (job: job, names: [place + Array(".*".utf8)] + endings.map { place + Array(".\($0)".utf8) })
    }
    var owners: [[UInt8]: [Job]] = [:]
    for (job, names) in all { for name in names { owners[name, default: []].append(job) } }
    jobs = []
    for (job, names) in all {
      let shared = names.indices.lazy.compactMap { index in
        // A folder and a link to it may hold the very same picture.
        owners[names[index]]?.first { $0.input.identity != job.input.identity }.map { (index: index, other: $0) }
      }.first
      if let (index, other) = shared {
        refuse(job, with: other, isFirst: owners[names[index]]?.first == job, ending: (["*"] + endings)[index])
      } else if owners[names[0]]?.first == job {
        jobs.append(job)
      }
    }
  }

  private mutating func refuse(_ job: Job, with other: Job, isFirst: Bool, ending: String) {
    let (first, second) = isFirst ? (job.input, other.input) : (other.input, job.input)
    let isNamedAlike = FilePath.name(of: first.name) == FilePath.name(of: second.name)
    refuse(
      job,
      "\(first.name) and \(second.name) would both write \(job.path(ending: ending)); "
        + (isNamedAlike
          ? "rename one or give each an output folder of its own" : "--keep-extension keeps their results apart"))
  }

  private mutating func refuseOverwrittenInputs(_ endings: [String]) {
    var inputs: [[UInt8]: String] = [:]
    for case .file(let path) in jobs.map(\.input.source) { inputs[PathText.bytes(FilePath.canonical(path))] = path }
    let all = jobs
    jobs = []
    for job in all {
      let overwritten = endings.map(job.path(ending:)).lazy.compactMap { output in
        inputs[PathText.bytes(FilePath.canonical(output))].map { (output, $0) }
      }.first
      if let (output, input) = overwritten {
        refuse(job, "\(output), a result of \(job.input.name), would overwrite the input \(input); use -o DIR")
      } else {
        jobs.append(job)
      }
    }
  }
}

extension Job {
  /// What the names of all its results have in common, as bytes.
  fileprivate var place: [UInt8] { PathText.bytes(FilePath.join(FilePath.canonical(folder), input.stem)) }
}

extension Input {
  fileprivate var identity: [UInt8] {
    switch source {
    case .standardInput: []
    case .file(let path): FilePath.identity(path)
    }
  }
}
