import Foundation

/// Runs other programs.
enum ChildProcess {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program to its end.
  ///
  /// - Returns: Its standard output.
  /// - Throws: `Failure` if its exit status is not 0, or the error with which it could not be started.
  static func output(of program: String, _ arguments: [String], quiet: Bool = false) throws -> String {
    let process = Process()
    let isPath = program.contains("/")
    let path =
      program == "/proc/self/exe" ? try FileManager.default.destinationOfSymbolicLink(atPath: program) : program
    process.executableURL = URL(filePath: isPath ? path : "/usr/bin/env")
    process.arguments = isPath ? arguments : [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    if quiet { process.standardError = FileHandle.nullDevice }
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(program) ended with status \(process.terminationStatus)")
    }
    return String(decoding: data, as: UTF8.self)
  }
}
