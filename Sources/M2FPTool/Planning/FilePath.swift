package import Foundation
package import Platform

/// Paths as plain strings: what the shell hands over and the kernel takes, with no rewriting on the way.
package enum FilePath {
  package enum Kind: Equatable, Sendable {
    case file, folder
    /// A FIFO, socket or device, named for a message.
    case other(String)

    fileprivate init(_ kind: FileKind) {
      self =
        switch kind {
        case .regular: .file
        case .folder: .folder
        case .fifo: .other("a FIFO")
        case .socket: .other("a socket")
        case .device: .other("a device")
        case .link, .unknown: .other("no regular file")
        }
    }
  }

  /// What `path` leads to after symbolic links, or the `errno` that says why nobody can tell.
  package static func kind(of path: String) -> Result<Kind, SystemError> {
    Result { () throws(SystemError) in Kind(try FileSystem.kind(of: path)) }
  }

  /// True if `path` leads to something of the kind.
  package static func isThere(_ path: String, as kind: Kind) -> Bool { Self.kind(of: path) == .success(kind) }

  /// True for a symbolic link that leads to a folder, which a recursive walk does not enter.
  package static func isLinkedFolder(_ path: String) -> Bool {
    (try? FileSystem.kind(of: path, followingLinks: false)) == .link && isThere(path, as: .folder)
  }

  /// The part after the last slash; trailing slashes do not count.
  package static func name(of path: String) -> String {
    path.utf8.split(separator: slash).last.flatMap { String($0) } ?? path
  }

  /// The part before the last slash: "." for a bare name, "/" at the root; trailing slashes do not count.
  package static func folder(of path: String) -> String {
    guard let end = path.utf8.lastIndex(where: { $0 != slash }) else { return path.isEmpty ? "." : "/" }
    guard let last = path.utf8[...end].lastIndex(of: slash) else { return "." }
    return last == path.startIndex ? "/" : String(path[..<last])
  }

  /// A slash is a byte of its own, whatever follows: with a combining mark behind it, it is no `Character`.
  private static let slash = UInt8(ascii: "/")

  /// `folder/name`; an empty or "." folder leaves `name` as it is.
  package static func join(_ folder: String, _ name: String) -> String {
    if name.isEmpty { return folder }
    if folder.isEmpty || folder == "." { return name }
    return folder.utf8.last == slash ? folder + name : "\(folder)/\(name)"
  }

  /// The path as a URL. `URL(filePath:)` alone takes a leading `~` for a home, `link/..` for the folder around the link, and
  /// the current folder for text.
  package static func url(_ path: String) -> URL {
    let isWhole = path.isEmpty || path.utf8.first == slash
    return URL(filePath: isWhole ? path : join(FileSystem.currentFolder, path))
  }

  /// The one absolute name of `path`: links resolved as far as the path exists, the rest appended.
  package static func canonical(_ path: String) -> String {
    var existing = path
    var missing: [String] = []
    while true {
      if let resolved = FileSystem.canonicalPath(existing) {
        return missing.reversed().reduce(resolved) { parent, name in
          name == ".." ? folder(of: parent) : name == "." ? parent : join(parent, name)
        }
      }
      let parent = folder(of: existing)
      guard parent != existing else { return path }
      missing.append(name(of: existing))
      existing = parent
    }
  }

  /// What makes two paths one: the folder's absolute path without links, and the name. The file itself may be a link, and is
  /// another one than what it leads to. As bytes, since strings are equal too that differ in Unicode normalization.
  package static func identity(_ path: String) -> [UInt8] {
    PathText.bytes(join(canonical(folder(of: path)), name(of: path)))
  }
}
