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
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The part before the last slash: "." for a bare name, "/" at the root; trailing slashes do not count.
  package static func folder(of path: String) -> String {
    guard let end = path.lastIndex(where: { $0 != "/" }) else { return path.isEmpty ? "." : "/" }
    guard let slash = path[...end].lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// `folder/name`; an empty or "." folder leaves `name` as it is.
  package static func join(_ folder: String, _ name: String) -> String {
    if name.isEmpty { return folder }
    if folder.isEmpty || folder == "." { return name }
    return folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
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
}
