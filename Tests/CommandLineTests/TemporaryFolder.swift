import Foundation

/// A temporary folder of one test, deleted with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "m2fp-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    // Symbolic links are resolved so that paths can be compared.
    path = url.resolvingSymlinksInPath().path
  }

  deinit {
    // Folders without write permission could not be deleted.
    let folders = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    for folder in folders {
      try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: self / folder)
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  static func / (folder: TemporaryFolder, name: String) -> String { folder.path + "/" + name }

  /// Creates a file and its parent folders.
  @discardableResult
  func write(_ name: String, _ bytes: some Sequence<UInt8> = []) throws -> String {
    let path = self / name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: self / name)))
  }

  /// Relative paths of all contents, sorted.
  var contents: [String] {
    (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).sorted()
  }
}
