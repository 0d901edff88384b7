package import Checkpoints
package import Foundation

/// A folder of `Tests/Goldens`: a small checkpoint in ModelScope's layout, and what the reference computes with it.
package struct Golden: Sendable {
  package let name: String
  package let folder: URL

  /// ModelScope's own network at small widths, with an input picture and the pipeline's result.
  package static let pipelines = ["multi-r101-narrow", "multi-r50-narrow", "single-r50-narrow"].map(Golden.init)
  /// Backbones, pixel decoders and norms that ModelScope's goldens leave out.
  package static let variants = ["variant-r18-fpn", "variant-r34", "variant-r50-dilated", "variant-r152"].map(
    Golden.init)

  /// The folder that the environment variable `M2FP_GOLDEN` names.
  package static let fromEnvironment = ProcessInfo.processInfo.environment["M2FP_GOLDEN"].map {
    Golden(name: "M2FP_GOLDEN", folder: URL(filePath: $0))
  }

  package init(name: String) { self.init(name: name, folder: Self.root.appending(path: name)) }

  private init(name: String, folder: URL) {
    self.name = name
    self.folder = folder
  }

  package var checkpoint: URL { folder.appending(path: "pytorch_model.pt") }
  package var configuration: URL { folder.appending(path: "configuration.json") }
  package var input: URL { folder.appending(path: "input.png") }

  /// Every stage of the network, NCHW.
  package func stages() throws -> SafetensorsFile {
    try SafetensorsFile(path: folder.appending(path: "stages.safetensors").path)
  }

  /// The pipeline's answer at the photo's size.
  package func result() throws -> SafetensorsFile {
    try SafetensorsFile(path: folder.appending(path: "result.safetensors").path)
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Goldens")
}
