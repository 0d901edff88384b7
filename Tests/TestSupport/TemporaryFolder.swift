package import Foundation

/// A folder of its own for one test, removed with the last reference to it.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "m2fp-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    // Without links, so that paths can be compared.
    path = url.resolvingSymlinksInPath().path
  }

  deinit {
    // A folder without write permission would outlive its test.
    let folders = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    for folder in folders {
      try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: self / folder)
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Runs `body` with a new folder, which is removed afterwards.
  package static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) { try body(URL(filePath: folder.path, directoryHint: .isDirectory)) }
  }

  package static func / (folder: TemporaryFolder, name: String) -> String { folder.path + "/" + name }

  /// Makes a file, and the folders above it.
  @discardableResult
  package func write(_ name: String, _ bytes: some Sequence<UInt8> = []) throws -> String {
    let path = self / name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  package func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: self / name)))
  }

  /// Paths of everything below the folder, sorted.
  package var contents: [String] {
    (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).sorted()
  }
}
