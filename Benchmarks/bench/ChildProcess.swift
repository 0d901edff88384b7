import Foundation

/// Runs other programs.
enum ChildProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program to its end.
  ///
  /// - Parameter log: A file for its standard error, of which the last line is told where the program fails; `nil` for ours.
  /// - Returns: Its standard output.
  /// - Throws: `Failure` if its exit status is not 0, or the error with which it could not be started.
  static func output(of program: String, _ arguments: [String], log: URL? = nil) throws -> String {
    let process = Process()
    let isPath = program.contains("/")
    let path =
      program == "/proc/self/exe" ? try FileManager.default.destinationOfSymbolicLink(atPath: program) : program
    process.executableURL = URL(filePath: isPath ? path : "/usr/bin/env")
    process.arguments = isPath ? arguments : [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    if let log {
      try Data().write(to: log)
      process.standardError = try FileHandle(forWritingTo: log)
    }
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let lines = try log.map { try String(decoding: Data(contentsOf: $0), as: UTF8.self).split(separator: "\n") } ?? []
      let reason = lines.last.map { ": \($0)" } ?? ""
      throw Failure(description: "\(program) ended with status \(process.terminationStatus)\(reason)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
