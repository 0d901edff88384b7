import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// Kind of thing that a path leads to.
package enum FileKind: Equatable, Sendable {
  case regular, folder, link, fifo, socket, device, unknown

  init(_ type: FileType) {
    self =
      switch type {
      case .regular: .regular
      case .directory: .folder
      case .symbolicLink: .link
      case .fifo: .fifo
      case .socket: .socket
      case .characterSpecial, .blockSpecial: .device
      default: .unknown
      }
  }
}

/// What the system does with whole files and folders, by their paths.
package enum FileSystem {
  /// - Parameter followingLinks: False asks about a symbolic link itself, if the path leads to one.
  package static func kind(of path: String, followingLinks: Bool = true) throws(SystemError) -> FileKind {
    FileKind(
      try throwingSystemError { try Stat(FilePath(path), followTargetSymlink: followingLinks).type })
  }

  /// Size of a file in bytes.
  package static func byteCount(of path: String) throws(SystemError) -> Int {
    Int(try throwingSystemError { try Stat(FilePath(path)).size })
  }

  /// The absolute path of something that exists, without symbolic links; nil where nothing is there.
  package static func canonicalPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The names in a folder without "." and "..", sorted by their bytes.
  package static func contents(of folder: String) throws(SystemError) -> [String] {
    guard let handle = opendir(folder) else { throw lastError }
    defer { closedir(handle) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    guard errno == 0 else { throw lastError }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Throws where files cannot be made in the folder by this process.
  package static func checkWritable(folder: String) throws(SystemError) {
    guard access(folder, W_OK | X_OK) == 0 else { throw lastError }
  }

  package static func makeFolder(_ path: String) throws(SystemError) {
    guard mkdir(path, 0o777) == 0 else { throw lastError }
  }

  /// Moves a file or a folder within a file system; it replaces a file, or an empty folder, of that name.
  package static func move(_ path: String, to target: String) throws(SystemError) {
    guard rename(path, target) == 0 else { throw lastError }
  }

  package static func removeFile(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 else { throw lastError }
  }

  /// Removes a folder that is empty.
  package static func removeFolder(_ path: String) throws(SystemError) {
    guard rmdir(path) == 0 else { throw lastError }
  }

  /// Makes what has been written to a file outlast a loss of power.
  static func synchronize(_ descriptor: FileDescriptor) throws(SystemError) {
    guard fsync(descriptor.rawValue) == 0 else { throw lastError }
  }

  /// Makes an open file shorter.
  static func cut(_ descriptor: FileDescriptor, to byteCount: Int) throws(SystemError) {
    guard ftruncate(descriptor.rawValue, off_t(byteCount)) == 0 else { throw lastError }
  }

  private static var lastError: SystemError { SystemError(Errno(rawValue: errno)) }
}
