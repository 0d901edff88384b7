/// One picture to parse.
package struct Input: Hashable, Sendable {
  package enum Source: Hashable, Sendable {
    case standardInput
    case file(path: String)
  }

  package var source: Source
  /// What messages call it: the path as the user would write it, or "-".
  package var name: String
  /// First part of the names of everything that is written for it.
  package var stem: String
  /// Where results go if nobody says otherwise: beside the picture.
  package var folder: String
  /// Where it lies below the folder that was named on the command line; empty for a picture named itself.
  package var subfolder: String

  package static let standardInput = Input(
    source: .standardInput, name: "-", stem: "stdin", folder: ".", subfolder: "")

  package static func file(_ path: String, subfolder: String = "") -> Input {
    Input(
      source: .file(path: path), name: path, stem: PictureName.stem(of: FilePath.name(of: path)),
      folder: FilePath.folder(of: path), subfolder: subfolder)
  }
}
