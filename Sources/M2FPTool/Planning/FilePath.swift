package import Files
import Glibc

/// Paths as plain strings: what the shell hands over and the kernel takes, with no rewriting on the way.
package enum FilePath {
  package enum Kind: Equatable, Sendable {
    case file, folder
    /// A FIFO, socket or device, named for a message.
    case other(String)
  }

  /// What `path` leads to after symbolic links, or the `errno` that says why nobody can tell.
  package static func kind(of path: String) -> Result<Kind, SystemError> {
    var status = stat()
    guard stat(path, &status) == 0 else { return .failure(SystemError(errno)) }
    return .success(kind(mode: status.st_mode))
  }

  /// True if `path` leads to something of the kind.
  package static func isThere(_ path: String, as kind: Kind) -> Bool { Self.kind(of: path) == .success(kind) }

  /// True for a symbolic link that leads to a folder, which a recursive walk does not enter.
  package static func isLinkedFolder(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return false }
    return (try? kind(of: path).get()) == .folder
  }

  private static func kind(mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .folder
    case S_IFIFO: .other("a FIFO")
    case S_IFSOCK: .other("a socket")
    case S_IFCHR, S_IFBLK: .other("a device")
    default: .other("no regular file")
    }
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
      if let resolved = realpath(existing, nil) {
        defer { free(resolved) }
        return missing.reversed().reduce(String(cString: resolved)) { parent, name in
          name == ".." ? folder(of: parent) : name == "." ? parent : join(parent, name)
        }
      }
      let parent = folder(of: existing)
      guard parent != existing else { return path }
      missing.append(name(of: existing))
      existing = parent
    }
  }

  /// The names in a folder without "." and "..", sorted by their bytes.
  package static func contents(of folder: String) throws(SystemError) -> [String] {
    guard let handle = opendir(folder) else { throw SystemError(errno) }
    defer { closedir(handle) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if errno != 0 { throw SystemError(errno) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
