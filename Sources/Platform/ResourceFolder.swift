package import Foundation

/// Folders of resources that the build puts beside the program.
///
/// SwiftPM's own accessor, `Bundle.module`, ends the process if the folder is missing, and knows the folder that the
/// program was built in; this lookup does neither.
package enum ResourceFolder {
  /// Folder of a target's resources: the first place that has one; the place beside the program where none has.
  package static func url(ofTarget target: String) -> URL {
    let candidates = places.map { $0.appending(path: "HumanParsing_\(target).\(pathExtension)") }
    let found = candidates.first { FileManager.default.fileExists(atPath: $0.path) } ?? candidates[0]
    #if canImport(Darwin)
      // Xcode makes bundles with a folder of their own for resources; SwiftPM alone makes flat ones.
      return Bundle(url: found)?.resourceURL ?? found
    #else
      return found
    #endif
  }

  #if canImport(Darwin)
    private static let pathExtension = "bundle"

    private final class Anchor {}

    /// Beside the program; in an app, in a framework, beside a bundle of tests.
    private static var places: [URL] {
      let code = Bundle(for: Anchor.self)
      return [
        Bundle.main.bundleURL, Bundle.main.resourceURL, code.resourceURL, code.bundleURL.deletingLastPathComponent(),
      ].compactMap(\.self)
    }
  #else
    private static let pathExtension = "resources"

    private static var places: [URL] { [Bundle.main.bundleURL] }
  #endif
}
