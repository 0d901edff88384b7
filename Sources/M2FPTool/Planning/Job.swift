/// One picture and the place where its results go.
package struct Job: Hashable, Sendable {
  package var input: Input
  /// Folder of the results.
  package var folder: String

  package init(input: Input, folder: String) {
    self.input = input
    self.folder = folder
  }

  /// The file or folder that holds results of one kind.
  package func path(of kind: OutputKind) -> String { path(ending: kind.ending) }

  /// The result whose name is the picture's with another ending.
  package func path(ending: String) -> String { FilePath.join(folder, "\(input.stem).\(ending)") }

  /// True if everything that the job would write is there, so that nothing is left to do.
  ///
  /// Results appear whole or not at all, so what exists is complete.
  ///
  /// - Parameters:
  ///   - outputs: What would be written.
  ///   - files: Names of the files that a folder of results must hold to count; none for what is not named.
  package func isDone(_ outputs: Set<OutputKind>, files: [OutputKind: [String]] = [:]) -> Bool {
    outputs.allSatisfy { kind in
      guard FilePath.isThere(path(of: kind), as: kind.isFolder ? .folder : .file) else { return false }
      return files[kind, default: []].allSatisfy { FilePath.isThere(FilePath.join(path(of: kind), $0), as: .file) }
    }
  }
}
