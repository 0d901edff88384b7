/// Where a command puts the one picture that it makes of each input.
package enum PicturePlace: Equatable, Sendable {
  case besideInputs
  case folder(String)
  case file(String)

  /// Reads the value of `-o`: a name that ends in `.png` is a file unless a folder has it, anything else a folder.
  ///
  /// - Throws: ``Failure`` (usage) for names of other pictures and for `-`.
  package init(_ argument: String?) throws(Failure) {
    guard let argument else {
      self = .besideInputs
      return
    }
    guard !argument.isEmpty, argument != "-" else {
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

/// Which picture becomes which file.
package struct PicturePlan: Equatable, Sendable {
  package struct Job: Equatable, Sendable {
    package var input: Input
    /// The file to write.
    package var path: String
  }

  package var jobs: [Job]

  /// - Parameters:
  ///   - inputs: The pictures, each of them once.
  ///   - place: Where the results go.
  ///   - ending: What follows the pictures' names where the place is no file.
  /// - Throws: ``Failure`` (usage) if two pictures would become one file, or one would overwrite another.
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
    case .besideInputs:
      jobs = try Self.jobs(inputs, folder: nil, ending)
    case .folder(let folder):
      jobs = try Self.jobs(inputs, folder: folder, ending)
    }
  }

  private static func jobs(_ inputs: [Input], folder: String?, _ ending: String) throws(Failure) -> [Job] {
    try JobPlan(inputs: inputs, folder: folder, endings: [ending]).jobs.map { job in
      Job(input: job.input, path: job.path(ending: ending))
    }
  }
}
