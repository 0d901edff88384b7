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

/// Names and life of the files and folders that become results once they are complete: `.NAME.TAG.m2fp.tmp`.
///
/// Whoever fills one holds a lock on it, which the system takes back when the process dies, however it dies. What nobody
/// holds is left over from a killed run, and the next run that writes into the folder removes it.
package enum TemporaryFiles {
  private static let ending = ".m2fp.tmp"
  /// Bytes of the target's name that are kept, so that the whole name fits in the 255 of file systems.
  private static let stemBytes = 160

  private static let sweptFolders = Locked(Set<[UInt8]>())

  /// A new name beside a target.
  static func path(beside target: String) -> String {
    let bytes = PathText.bytes(target)
    let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    let tag = String(UInt64.random(in: .min ... .max), radix: 36)
    let name = [UInt8(ascii: ".")] + bytes[start...].prefix(stemBytes) + Array(".\(tag)\(ending)".utf8)
    return PathText.text(bytes[..<start] + name)
  }

  /// Locks a new file or folder; false if a run that swept the folder has removed it meanwhile.
  static func hold(_ descriptor: FileDescriptor, _ path: String) -> Bool {
    // A file system without locks has no sweep either, since a lock is what it takes.
    flock(descriptor.rawValue, LOCK_EX)
    return (try? FileSystem.kind(of: path, followingLinks: false)) != nil
  }

  /// Removes what killed runs have left in the folder of a target, the first time that this process asks for the folder.
  package static func sweep(besides target: String) {
    let bytes = PathText.bytes(target)
    let folder = bytes.lastIndex(of: UInt8(ascii: "/")).map { Array(bytes[...$0]) } ?? Array("./".utf8)
    guard sweptFolders.withLock({ $0.insert(folder).inserted }) else { return }
    let path = PathText.text(folder)
    for name in (try? FileSystem.contents(of: path)) ?? [] where name.hasPrefix(".") && name.hasSuffix(ending) {
      removeUnheld(path + name)
    }
  }

  private static func removeUnheld(_ path: String) {
    let opened = try? FileDescriptor.open(
      FilePath(keeping: path), .readOnly, options: [.closeOnExec, .nonBlocking, .noFollow])
    guard let opened else { return }
    defer { try? opened.close() }
    if flock(opened.rawValue, LOCK_EX | LOCK_NB) == 0 { FileSystem.removeTree(path) }
  }
}

/// A folder that is filled under a temporary name.
package struct TemporaryFolderFile: ~Copyable {
  /// Where it is.
  package let path: String
  private let descriptor: FileDescriptor

  /// Makes the folder beside its target.
  package init(beside target: String) throws(SystemError) {
    TemporaryFiles.sweep(besides: target)
    while true {
      let path = TemporaryFiles.path(beside: target)
      try FileSystem.makeFolder(path)
      let opened = try throwingSystemError {
        try FileDescriptor.open(FilePath(keeping: path), .readOnly, options: [.closeOnExec, .directory])
      }
      if TemporaryFiles.hold(opened, path) {
        (self.path, descriptor) = (path, opened)
        return
      }
      try? opened.close()
    }
  }

  deinit { try? descriptor.close() }
}

extension FilePath {
  /// The path of a string as `PathText` has it.
  init(keeping path: String) { self.init(platformString: PathText.terminated(path)) }
}
