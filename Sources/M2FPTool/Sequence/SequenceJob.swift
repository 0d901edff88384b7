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
  /// - Throws: ``Failure``: input or output; try again while another run writes into the folder.
  func lockFolder() throws(Failure) -> FolderLock {
    try ResultFolder.prepare(folder)
    guard let lock = FolderLock(folder) else { throw isLocked }
    return lock
  }

  /// Makes the folder, and locks it for this task and others of its kind.
  ///
  /// - Throws: ``Failure``: input or output; try again while another run has the folder alone.
  func shareFolder() throws(Failure) -> SharedFolderLock {
    try ResultFolder.prepare(folder)
    guard let lock = SharedFolderLock(folder) else { throw isLocked }
    return lock
  }

  private var isLocked: Failure {
    Failure(
      .tryAgain, "\(folder): expected a folder that no other run writes into, found that one does; wait until it ends")
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
