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
  package func path(of kind: OutputKind) -> String {
    FilePath.join(folder, "\(input.stem).\(kind.ending)")
  }

  /// True if everything that the job would write is there, so that nothing is left to do.
  ///
  /// Results appear whole or not at all, so what exists is complete. A `parts` folder counts if it holds a mask of
  /// each of `parts`.
  package func isDone(_ outputs: Set<OutputKind>, parts: [String]) -> Bool {
    outputs.allSatisfy { kind in
      let found = try? FilePath.kind(of: path(of: kind)).get()
      guard found == (kind.isFolder ? .folder : .file) else { return false }
      return kind != .parts
        || parts.allSatisfy { part in
          (try? FilePath.kind(of: FilePath.join(path(of: kind), "\(part).png")).get()) == .file
        }
    }
  }
}
