import Platform

/// What a command line asks for: the mattes of the frames of a shot.
struct SequenceJob: Sendable {
  /// Folder of the results.
  private(set) var folder: String
  var run: SequenceRun
  let settings: SequenceSettings
  var videos: SequenceVideos

  /// Makes the folder, and locks it.
  ///
  /// - Parameter isShared: Whether other tasks that share the folder may write into it at the same time.
  /// - Throws: ``Failure``: input or output; try again while another run writes into the folder.
  func lockFolder(isShared: Bool = false) throws(Failure) -> FolderLock {
    try ResultFolder.prepare(folder)
    guard let lock = FolderLock(folder, isShared: isShared) else {
      throw Failure(
        .tryAgain, "\(folder): expected a folder that no other run writes into, found that one does; wait until it ends"
      )
    }
    return lock
  }

  /// Has the results go somewhere else.
  mutating func move(to folder: String) {
    self.folder = folder
    run.writer.folder = folder
  }

  /// Sets whether files that are there are replaced.
  mutating func replaceFiles(_ isAllowed: Bool) {
    run.writer.replacesFiles = isAllowed
    videos.writer.replacesFiles = isAllowed
  }
}
