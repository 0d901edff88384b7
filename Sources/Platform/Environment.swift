#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// Value of an environment variable; `nil` if it is not set.
package func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Sets an environment variable. To be called before the process has threads that may read one.
package func setEnvironmentVariable(_ name: String, to value: String) { setenv(name, value, 1) }

/// Ends the process.
package func exitProcess(_ status: Int32) -> Never { exit(status) }
