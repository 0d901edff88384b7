import Foundation
import TestSupport

/// A process of the program `m2fp`.
struct Program {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
    /// Whether a signal ended the process.
    let wasKilled: Bool

    var lines: [Substring] { output.split(separator: "\n") }
  }

  /// The program, which SwiftPM puts beside the test bundle.
  static let path: String = {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (runner as NSString).deletingLastPathComponent + "/m2fp"
  }()

  private let process = Process()
  private let folder: TemporaryFolder

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - arguments: Arguments without the program's name.
  ///   - shell: Shell command to run before the program replaces the shell, such as a limit.
  ///   - directory: Working directory.
  ///   - input: Standard input; empty by default.
  init(_ arguments: [String], after shell: String? = nil, in directory: String? = nil, input: Any? = nil) throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(filePath: shell == nil ? Self.path : "/bin/sh")
    process.arguments = shell.map { ["-c", "\($0); exec \"$0\" \"$@\"", Self.path] + arguments } ?? arguments
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    process.standardInput = input ?? FileHandle.nullDevice
    // Files instead of pipes, which would block once they are full.
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder.write("output")))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: folder.write("errors")))
    try process.start()
  }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits until a file exists, or the program has ended.
  func wait(forFile path: String) {
    while process.isRunning, !FileManager.default.fileExists(atPath: path) { usleep(1000) }
  }

  func wait() throws -> Result {
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: try folder.read("output"), as: UTF8.self),
      errors: String(decoding: try folder.read("errors"), as: UTF8.self),
      wasKilled: process.terminationReason == .uncaughtSignal)
  }

  static func run(
    _ arguments: String..., after shell: String? = nil, in directory: String? = nil, input: Any? = nil
  ) throws -> Result {
    try Program(arguments, after: shell, in: directory, input: input).wait()
  }
}
