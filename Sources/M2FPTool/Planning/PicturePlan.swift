/// Output location of commands that make one picture of each input.
package enum PicturePlace: Equatable, Sendable {
  case besideInputs
  case standardOutput
  case folder(String)
  case file(String)

  /// Whether the user named the file, so that it may be replaced whoever wrote it.
  var isFile: Bool { if case .file = self { true } else { false } }

  /// The location for a value of `-o`: a file if the name ends in `.png` and no folder has that name, otherwise a folder.
  ///
  /// - Throws: ``Failure`` (usage) for picture files other than PNG and for an empty name.
  package init(_ argument: String?) throws(Failure) {
    guard let argument else {
      self = .besideInputs
      return
    }
    if argument == "-" {
      self = .standardOutput
      return
    }
    guard !argument.isEmpty else {
      throw Failure(.usage, "-o: expected a file or a folder, found \"\(argument)\"")
    }
    let isPicture = PictureName.stem(of: FilePath.name(of: argument)) != FilePath.name(of: argument)
    guard isPicture, !argument.hasSuffix("/"), !FilePath.isThere(argument, as: .folder) else {
      self = .folder(argument)
      return
    }
    guard argument.lowercased().hasSuffix(".png") else {
      throw Failure(.usage, "-o: expected a name that ends in .png, or a folder, found \(argument)")
    }
    self = .file(argument)
  }
}

/// Assignment of pictures to output files.
package struct PicturePlan: Equatable, Sendable {
  package struct Job: Equatable, Sendable {
    package var input: Input
    /// The file to write.
    package var path: String
  }

  package var jobs: [Job]
  /// Pictures that would write the same file as another one, or over an input. The others are done.
  package var refusals: [InputList.Refusal] = []

  /// - Parameters:
  ///   - inputs: The pictures, without duplicates.
  ///   - place: Location of the results.
  ///   - ending: Ending of the results' names, unless the location is a file.
  /// - Throws: ``Failure`` (usage) for a file as the place of several pictures, or one that is the picture itself.
  package init(inputs: [Input], place: PicturePlace, ending: String) throws(Failure) {
    switch place {
    case .file(let path):
      guard inputs.count <= 1 else {
        throw Failure(.usage, "-o: expected a folder for \(inputs.count) pictures, found \(path)")
      }
      for case .file(let input) in inputs.map(\.source) where FilePath.canonical(input) == FilePath.canonical(path) {
        throw Failure(.usage, "-o: expected a file that is not the input \(input)")
      }
      jobs = inputs.map { Job(input: $0, path: path) }
    case .besideInputs: (jobs, refusals) = Self.jobs(inputs, folder: nil, ending)
    case .folder(let folder): (jobs, refusals) = Self.jobs(inputs, folder: folder, ending)
    // Nothing is overwritten there, but names in an archive are to differ too.
    case .standardOutput: (jobs, refusals) = Self.jobs(inputs, folder: ".", ending, isStreamed: true)
    }
  }

  private static func jobs(
    _ inputs: [Input], folder: String?, _ ending: String, isStreamed: Bool = false
  ) -> ([Job], [InputList.Refusal]) {
    let plan = JobPlan(inputs: inputs, folder: folder, endings: [ending], isStreamed: isStreamed)
    return (plan.jobs.map { Job(input: $0.input, path: $0.path(ending: ending)) }, plan.refusals)
  }
}
