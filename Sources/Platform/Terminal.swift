#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

package enum Terminal {
  /// Whether a person looks at standard error.
  package static var isStandardError: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether a person looks at standard output.
  package static var isStandardOutput: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns of the terminal at standard error; 80 if it does not say.
  package static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
