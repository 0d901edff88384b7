public import Foundation

/// The weights that ship with the package, as a resource beside the program.
public enum StarterWeights {
  private static let bundle = "HumanParsing_StarterWeights.resources"
  private static let file = "starter-fp16.safetensors"

  /// The file, or nil where the resource folder was not installed with the program.
  ///
  /// SwiftPM's own accessor ends the process if the folder is missing, so it is not used.
  public static var url: URL? {
    let url = folder.appending(path: file)
    return FileManager.default.isReadableFile(atPath: url.path) ? url : nil
  }

  /// Where the file was looked for.
  public static var expectedPlace: String { folder.appending(path: file).path }

  private static var folder: URL { Bundle.main.bundleURL.appending(path: bundle) }
}
