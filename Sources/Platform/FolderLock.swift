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

/// A lock on a folder, by which processes keep out of each other's way; it leaves nothing in the folder, and the system
/// takes it back when the process dies, however it dies. Held for the object's life.
///
/// On file systems that do not lock folders, such as NFS, nobody is kept out.
package final class FolderLock: Sendable {
  private let descriptor: FileDescriptor?

  /// Locks a folder; `nil` if another process holds its lock.
  ///
  /// - Parameter isShared: Whether other processes may have the lock as well, if they share it too.
  package init?(_ folder: String, isShared: Bool = false) {
    let opened = try? FileDescriptor.open(
      FilePath(keeping: folder), .readOnly, options: [.closeOnExec, .directory])
    if let opened, flock(opened.rawValue, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0, errno == EWOULDBLOCK {
      try? opened.close()
      return nil
    }
    descriptor = opened
  }

  deinit { try? descriptor?.close() }
}
