import Platform

/// Folders of results, which appear whole or not at all like the files do.
package enum ResultFolder {
  /// Makes the folder and those above it, and looks whether files can be made in it.
  package static func prepare(_ path: String) throws(Failure) {
    if let obstacle = makeFolders(path) {
      throw Failure(.inputOutput, "\(path): expected a folder for the results, \(obstacle)")
    }
    do { try FileSystem.checkWritable(folder: path) } catch {
      throw Failure(.inputOutput, "\(path): files cannot be made in this folder: \(error)")
    }
  }

  /// Makes what is missing of the path, from the top; what stands in the way, or nil once the folder is there.
  private static func makeFolders(_ path: String) -> String? {
    let slash = UInt8(ascii: "/")
    var made = path.utf8.first == slash ? "/" : ""
    for name in path.utf8.split(separator: slash).compactMap({ String($0) }) {
      made = made.isEmpty ? name : FilePath.join(made, name)
      do throws(SystemError) { try FileSystem.makeFolder(made) } catch {
        // A folder that may not be written to is no obstacle if what is wanted is there already.
        if error == .fileExists || error == .isDirectory || FilePath.isThere(made, as: .folder) { continue }
        return "which cannot be made: \(error)"
      }
    }
    return FilePath.isThere(path, as: .folder) ? nil : "found a file"
  }

  /// Fills a folder under a temporary name beside `path` and moves it there.
  ///
  /// If the folder is there already, each file replaces its namesake whole, and files of an earlier run that `isOwn`
  /// knows by their name but this one does not write are removed. All others stay.
  ///
  /// - Parameters:
  ///   - path: The folder to be.
  ///   - isOwn: True for names that only this program gives.
  ///   - replacesOthers: Whether files are replaced too that do not bear the program's mark.
  ///   - body: Writes files; it is handed the temporary folder.
  /// - Throws: ``Failure`` (input or output) or what `body` throws; the temporary folder is gone then.
  package static func write(
    to path: String, isOwn: (String) -> Bool = { _ in false }, replacesOthers: Bool = false,
    _ body: (_ folder: String) throws -> Void
  ) throws {
    let folder: TemporaryFolderFile
    do { folder = try TemporaryFolderFile(beside: path) } catch {
      throw Failure(.inputOutput, "\(path): a folder cannot be made there: \(error)")
    }
    do {
      try body(folder.path)
      do throws(SystemError) { try FileSystem.move(folder.path, to: path) } catch {
        guard error == .directoryNotEmpty || error == .fileExists else { throw error }
        try merge(folder.path, into: path, isOwn: isOwn, replacesOthers: replacesOthers)
      }
    } catch {
      FileSystem.removeTree(folder.path)
      if let cause = error as? SystemError { throw Failure(.inputOutput, "\(path): \(cause)") }
      throw error
    }
  }

  private static func merge(
    _ temporary: String, into path: String, isOwn: (String) -> Bool, replacesOthers: Bool
  ) throws {
    let names = try FileSystem.contents(of: temporary)
    if !replacesOthers {
      for name in names { try OwnFile.checkReplacing(FilePath.join(path, name)) }
    }
    for name in names { try FileSystem.move(FilePath.join(temporary, name), to: FilePath.join(path, name)) }
    for stale in Set(try FileSystem.contents(of: path)).subtracting(names)
    where isOwn(stale) && (replacesOthers || OwnFile.isOwn(FilePath.join(path, stale))) {
      try? FileSystem.removeFile(FilePath.join(path, stale))
    }
    try? FileSystem.removeFolder(temporary)
  }
}
