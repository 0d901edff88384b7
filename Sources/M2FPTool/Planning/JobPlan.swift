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

  /// Whether all results of the job exist. Results are written atomically, so those that exist are complete.
  ///
  /// - Parameters:
  ///   - outputs: The kinds of results that the job would write.
  ///   - files: Names of the files that a folder of results must contain, by kind; none for kinds that are absent.
  package func isDone(_ outputs: Set<OutputKind>, files: [OutputKind: [String]] = [:]) -> Bool {
    outputs.allSatisfy { kind in
      guard FilePath.isThere(path(of: kind), as: kind.isFolder ? .folder : .file) else { return false }
      return files[kind, default: []].allSatisfy { FilePath.isThere(FilePath.join(path(of: kind), $0), as: .file) }
    }
  }
}

/// Assignment of pictures to output folders. It is made before the first picture is read, so that conflicts are reported
/// before anything is written.
package struct JobPlan: Equatable, Sendable {
  package var jobs: [Job]

  /// - Parameters:
  ///   - inputs: The pictures, without duplicates.
  ///   - folder: Output folder, in which results keep the subfolders of their pictures; `nil` for the pictures' folders.
  ///   - endings: Endings of the files that are written.
  /// - Throws: ``Failure`` (usage) if two pictures would write the same files, or a result would overwrite a picture.
  package init(inputs: [Input], folder: String?, endings: [String]) throws(Failure) {
    jobs = inputs.map { input in
      Job(input: input, folder: folder.map { FilePath.join($0, input.subfolder) } ?? input.folder)
    }
    try refuseSharedNames()
    try refuseOverwrittenInputs(endings)
  }

  /// A plan for the results of `m2fp parse`.
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
