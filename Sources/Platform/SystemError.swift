import SystemPackage

/// A failure that the operating system reports, with the system's own words for it.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  private let code: Errno

  init(_ code: Errno) { self.code = code }

  package static let directoryNotEmpty = SystemError(.directoryNotEmpty)
  package static let fileExists = SystemError(.fileExists)
  package static let interrupted = SystemError(.interrupted)
  package static let invalidArgument = SystemError(.invalidArgument)
  package static let isDirectory = SystemError(.isDirectory)
  package static let noSuchFile = SystemError(.noSuchFileOrDirectory)
  package static let notDirectory = SystemError(.notDirectory)
  package static let notPermitted = SystemError(.notPermitted)
  package static let permissionDenied = SystemError(.permissionDenied)

  /// The system's words in lower case, fit for the middle of a sentence: "no space left on device".
  package var description: String {
    let words = code.description
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}

/// Runs calls of swift-system, which throw nothing but `Errno`.
func throwingSystemError<Result: ~Copyable>(_ body: () throws -> Result) throws(SystemError) -> Result {
  do { return try body() } catch let error as Errno { throw SystemError(error) } catch { throw SystemError(.ioError) }
}
