import Platform

/// A picture to parse.
package struct Input: Hashable, Sendable {
  /// Paths are compared as bytes, since strings are equal too that differ in Unicode normalization.
  package enum Source: Hashable, Sendable {
    case standardInput
    case file(path: String)

    private var bytes: [UInt8]? { if case .file(let path) = self { PathText.bytes(path) } else { nil } }

    package static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }

    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
  }

  package var source: Source
  /// Name in messages: the path as the user would write it, or "-".
  package var name: String
  /// Common prefix of the names of its results.
  package var stem: String
  /// Default folder of its results: that of the picture.
  package var folder: String
  /// Its folder relative to the folder named on the command line; empty for a picture named itself.
  package var subfolder: String

  package static let standardInput = Input(
    source: .standardInput, name: "-", stem: "stdin", folder: ".", subfolder: "")

  package static func file(_ path: String, subfolder: String = "") -> Input {
    Input(
      source: .file(path: path), name: path, stem: PictureName.stem(of: FilePath.name(of: path)),
      folder: FilePath.folder(of: path), subfolder: subfolder)
  }
}

extension Input {
  /// The input with its whole name as the stem of its results: `photo.jpg.labels.png`.
  package var keepingExtension: Input {
    var input = self
    if case .file(let path) = source { input.stem = FilePath.name(of: path) }
    return input
  }
}

/// Naming conventions of pictures and results. They matter for walks through folders and for output names only; the format
/// of a file is determined by its contents.
package enum PictureName {
  /// Extensions of pictures.
  package static let extensions: Set<String> = [
    "png", "apng", "jpg", "jpeg", "jpe", "jfif", "webp", "tif", "tiff", "heic", "heif", "avif", "exr",
  ]

  /// Extensions of pictures in formats that are not read, of which a walk through a folder says that it passed them over.
  private static let unreadExtensions: Set<String> = [
    "arw", "bmp", "cr2", "cr3", "dng", "dpx", "gif", "jp2", "jxl", "nef", "orf", "ppm", "psd", "raf", "raw", "rw2",
    "tga",
  ]

  /// Endings of the files that this program writes. A walk through a folder ignores those that bear its mark, so that a
  /// second run does not parse the results of the first.
  static let resultEndings = [
    ".labels.png", ".color.png", ".cutout.png", ".overlay.png", ".legend.png", ".adjusted.png", ".mattes.exr",
    ".cryptomatte.exr",
  ]
  /// Endings of the folders that `m2fp parse` writes.
  static let resultFolderEndings = [".parts", ".people", ".mattes", ".layers"]

  /// The name without a picture's extension: "shot.0001" for "shot.0001.png", and for "shot.0001" too.
  package static func stem(of name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex,
      extensions.contains(name[name.utf8.index(after: dot)...].lowercased())
    else { return name }
    return String(name[..<dot])
  }

  /// Whether a walk through a folder treats a file as a picture.
  package static func isPicture(_ name: String) -> Bool {
    name.utf8.first != UInt8(ascii: ".") && stem(of: name).utf8.count != name.utf8.count
  }

  /// Whether a file is a picture by its extension, but of a format that is not read.
  package static func isUnreadPicture(_ name: String) -> Bool {
    guard name.utf8.first != UInt8(ascii: "."), let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else {
      return false
    }
    return unreadExtensions.contains(name[name.utf8.index(after: dot)...].lowercased())
  }

  /// Whether a file or a folder is named like a result; others name their pictures so too, such as `frame-0001.color.png`.
  package static func isResult(_ name: String) -> Bool {
    resultEndings.contains { name.hasSuffix($0) } || resultFolderEndings.contains { name.hasSuffix($0) }
  }

  /// Whether a recursive walk enters a folder.
  package static func isWalked(_ name: String) -> Bool {
    name.utf8.first != UInt8(ascii: ".")
  }
}
