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
      try throwingSystemError { try Stat(FilePath(keeping: path), followTargetSymlink: followingLinks).type })
  }

  /// Size of a file in bytes.
  package static func byteCount(of path: String) throws(SystemError) -> Int {
    Int(try throwingSystemError { try Stat(FilePath(keeping: path)).size })
  }

  /// The absolute path of something that exists, without symbolic links; nil where nothing is there.
  package static func canonicalPath(_ path: String) -> String? {
    guard let resolved = realpath(PathText.terminated(path), nil) else { return nil }
    defer { free(resolved) }
    return PathText.text(UnsafeRawBufferPointer(start: resolved, count: length(of: resolved)))
  }

  /// The absolute path of the current folder; "." where it is gone.
  package static var currentFolder: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return PathText.text(UnsafeRawBufferPointer(start: path, count: length(of: path)))
  }

  /// The names in a folder without "." and "..", sorted by their bytes.
  package static func contents(of folder: String) throws(SystemError) -> [String] {
    guard let handle = opendir(PathText.terminated(folder)) else { throw lastError }
    defer { closedir(handle) }
    var names: [[UInt8]] = []
    errno = 0
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        Array(UnsafeRawBufferPointer(start: $0, count: MemoryLayout.size(ofValue: $0.pointee)).prefix { $0 != 0 })
      }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    guard errno == 0 else { throw lastError }
    return names.sorted { $0.lexicographicallyPrecedes($1) }.map(PathText.text)
  }

  /// Throws where files cannot be made in the folder by this process.
  package static func checkWritable(folder: String) throws(SystemError) {
    guard access(PathText.terminated(folder), W_OK | X_OK) == 0 else { throw lastError }
  }

  package static func makeFolder(_ path: String) throws(SystemError) {
    guard mkdir(PathText.terminated(path), 0o777) == 0 else { throw lastError }
  }

  /// Moves a file or a folder within a file system; it replaces a file, or an empty folder, of that name.
  package static func move(_ path: String, to target: String) throws(SystemError) {
    guard rename(PathText.terminated(path), PathText.terminated(target)) == 0 else { throw lastError }
  }

  package static func removeFile(_ path: String) throws(SystemError) {
    guard unlink(PathText.terminated(path)) == 0 else { throw lastError }
  }

  /// Removes a folder that is empty.
  package static func removeFolder(_ path: String) throws(SystemError) {
    guard rmdir(PathText.terminated(path)) == 0 else { throw lastError }
  }

  /// Removes a file, or a folder with everything in it, as far as the system lets us; links are not followed.
  package static func removeTree(_ path: String) {
    if (try? kind(of: path, followingLinks: false)) == .folder {
      for name in (try? contents(of: path)) ?? [] { removeTree("\(path)/\(name)") }
      try? removeFolder(path)
    } else {
      try? removeFile(path)
    }
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
