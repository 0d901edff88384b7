package import Foundation

/// The sample photographs, and what the reference makes of them.
package enum Sample {
  /// - Parameter name: A file of `Docs/Samples`.
  package static func photograph(_ name: String) -> URL { root.appending(path: "Docs/Samples/\(name)") }

  /// - Parameter name: A file of `Tests/Goldens/samples`.
  package static func golden(_ name: String) -> URL { root.appending(path: "Tests/Goldens/samples/\(name)") }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}
