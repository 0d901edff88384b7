/// Which picture is parsed into which folder. Made before the first picture is read, so that a clash stops the
/// program before it has written anything.
package struct JobPlan: Equatable, Sendable {
  package var jobs: [Job]

  /// - Parameters:
  ///   - inputs: The pictures, each of them once.
  ///   - folder: Where results go, each below its picture's own subfolder; nil for beside the pictures.
  ///   - endings: What follows the pictures' names in those of the files that are written.
  /// - Throws: ``Failure`` (usage) if two pictures would write the same files, or one would overwrite another.
  package init(inputs: [Input], folder: String?, endings: [String]) throws(Failure) {
    jobs = inputs.map { input in
      Job(input: input, folder: folder.map { FilePath.join($0, input.subfolder) } ?? input.folder)
    }
    try refuseSharedNames()
    try refuseOverwrittenInputs(endings)
  }

  /// A plan for what `m2fp parse` writes.
  package init(inputs: [Input], folder: String?, outputs: Set<OutputKind>) throws(Failure) {
    let files = OutputKind.allCases.filter { outputs.contains($0) && !$0.isFolder }
    try self.init(inputs: inputs, folder: folder, endings: files.map(\.ending))
  }

  private func refuseSharedNames() throws(Failure) {
    var owners: [String: Input] = [:]
    for job in jobs {
      let place = FilePath.join(FilePath.canonical(job.folder), job.input.stem)
      if let other = owners.updateValue(job.input, forKey: place) {
        throw Failure(
          .usage,
          "\(other.name) and \(job.input.name) would both write \(FilePath.join(job.folder, job.input.stem)).*; "
            + "rename one or give each an output folder of its own")
      }
    }
  }

  private func refuseOverwrittenInputs(_ endings: [String]) throws(Failure) {
    var inputs: [String: String] = [:]
    for case .file(let path) in jobs.map(\.input.source) { inputs[FilePath.canonical(path)] = path }
    for job in jobs {
      for output in endings.map(job.path(ending:)) {
        if let input = inputs[FilePath.canonical(output)] {
          throw Failure(
            .usage, "\(output), a result of \(job.input.name), would overwrite the input \(input); use -o DIR")
        }
      }
    }
  }
}
