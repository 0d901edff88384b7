import ArgumentParser
import EXRFiles

/// Flags for OpenEXR files of mattes.
struct EXROptions: ParsableArguments {
  @Option(help: "Channels of a layer of an OpenEXR file that hold its matte; R if absent.")
  var matteChannel: MatteChannel?

  @Option(help: "Compression of OpenEXR files; zip if absent.")
  var exrCompression: EXRCompression?

  /// The given flags, for error messages.
  var given: [String] {
    (matteChannel == nil ? [] : ["--matte-channel"]) + (exrCompression == nil ? [] : ["--exr-compression"])
  }

  func form(_ alpha: AlphaKind?) -> EXRForm {
    EXRForm(channel: matteChannel ?? .red, compression: exrCompression ?? .zip, isStraight: alpha == .straight)
  }
}
