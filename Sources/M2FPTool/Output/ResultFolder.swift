import Files
import Foundation
import Glibc

/// Folders of results, which appear whole or not at all like the files do.
package enum ResultFolder {
  /// Makes the folder and those above it, and looks whether files can be made in it.
  package static func prepare(_ path: String) throws(Failure) {
    if let obstacle = makeFolders(path) {
      throw Failure(.inputOutput, "\(path): expected a folder for the results, \(obstacle)")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw Failure(.inputOutput, "\(path): files cannot be made in this folder: \(SystemError(errno))")
    }
  }

  /// Makes what is missing of the path, from the top; what stands in the way, or nil once the folder is there.
  private static func makeFolders(_ path: String) -> String? {
    var made = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      made = made.isEmpty ? String(name) : FilePath.join(made, String(name))
      if mkdir(made, 0o777) == 0 || errno == EEXIST || errno == EISDIR { continue }
      // A folder that may not be written to is no obstacle if what is wanted is there already.
      let cause = SystemError(errno)
      if FilePath.kind(of: made) != .success(.folder) { return "which cannot be made: \(cause)" }
    }
    return FilePath.kind(of: path) == .success(.folder) ? nil : "found a file"
  }

  /// Fills a folder under a temporary name beside `path` and moves it there.
  ///
  /// If the folder is there already, each file replaces its namesake whole, and files of an earlier run that `isOwn`
  /// knows by their name but this one does not write are removed. All others stay.
  ///
  /// - Parameters:
  ///   - path: The folder to be.
  ///   - isOwn: True for names that only this program gives.
  ///   - body: Writes files; it is handed the temporary folder.
  /// - Throws: ``Failure`` (input or output) or what `body` throws; the temporary folder is gone then.
  package static func write(
    to path: String, isOwn: (String) -> Bool = { _ in false }, _ body: (_ folder: String) throws -> Void
  ) throws {
    let tag = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = FilePath.join(FilePath.folder(of: path), ".\(FilePath.name(of: path)).\(tag).tmp")
    guard mkdir(temporary, 0o777) == 0 else {
      throw Failure(.inputOutput, "\(path): a folder cannot be made there: \(SystemError(errno))")
    }
    do {
      try body(temporary)
      if rename(temporary, path) == 0 { return }
      guard errno == ENOTEMPTY || errno == EEXIST else { throw SystemError(errno) }
      try merge(temporary, into: path, isOwn: isOwn)
    } catch {
      try? FileManager.default.removeItem(at: URL(filePath: temporary))
      if let cause = error as? SystemError { throw Failure(.inputOutput, "\(path): \(cause)") }
      throw error
    }
  }

  private static func merge(_ temporary: String, into path: String, isOwn: (String) -> Bool) throws(SystemError) {
    let names = try FilePath.contents(of: temporary)
    for name in names {
      guard rename(FilePath.join(temporary, name), FilePath.join(path, name)) == 0 else {
        throw SystemError(errno)
      }
    }
    for stale in Set(try FilePath.contents(of: path)).subtracting(names) where isOwn(stale) {
      unlink(FilePath.join(path, stale))
    }
    rmdir(temporary)
  }
}
