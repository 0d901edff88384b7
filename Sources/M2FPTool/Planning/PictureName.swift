/// What the name of a file says about it. Only a hint for folders and output names: what a file holds decides
/// how it is read.
package enum PictureName {
  /// Extensions that a walk through a folder takes for pictures.
  package static let extensions: Set<String> = ["png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp"]

  /// Endings of the files that this program writes, so that a second run over a folder does not parse the first one's
  /// results.
  static let resultEndings = [
    ".labels.png", ".color.png", ".cutout.png", ".overlay.png", ".legend.png", ".adjusted.png",
  ]
  /// Endings of the folders that `m2fp parse` writes.
  static let resultFolderEndings = [".parts", ".people", ".mattes", ".layers"]

  /// The name without a picture's extension: "shot.0001.png" gives "shot.0001", and "shot.0001" stays whole.
  package static func stem(of name: String) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex,
      extensions.contains(name[name.index(after: dot)...].lowercased())
    else { return name }
    return String(name[..<dot])
  }

  /// True if a walk through a folder takes the file for a picture to parse.
  package static func isPicture(_ name: String) -> Bool {
    !name.hasPrefix(".") && stem(of: name) != name && !resultEndings.contains { name.hasSuffix($0) }
  }

  /// True if a recursive walk enters the folder.
  package static func isWalked(_ name: String) -> Bool {
    !name.hasPrefix(".") && !resultFolderEndings.contains { name.hasSuffix($0) }
  }
}
