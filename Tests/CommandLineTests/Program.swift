import Foundation

/// The built `m2fp`, run as a process of its own.
struct Program {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
    /// Whether a signal ended it.
    let wasKilled: Bool

    var lines: [Substring] { output.split(separator: "\n") }
  }

  /// Beside the test bundle, where SwiftPM puts both.
  static let path: String = {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (runner as NSString).deletingLastPathComponent + "/m2fp"
  }()

  private let process = Process()
  private let folder: TemporaryFolder

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - arguments: After the program's name.
  ///   - shell: A line of shell to run before the program takes the shell's place, such as a limit.
  ///   - directory: Where it runs.
  ///   - input: Its standard input; nothing if absent.
  init(_ arguments: [String], after shell: String? = nil, in directory: String? = nil, input: Any? = nil) throws {
    folder = try TemporaryFolder()
    process.executableURL = URL(filePath: shell == nil ? Self.path : "/bin/sh")
    process.arguments = shell.map { ["-c", "\($0); exec \"$0\" \"$@\"", Self.path] + arguments } ?? arguments
    if let directory { process.currentDirectoryURL = URL(filePath: directory) }
    process.standardInput = input ?? FileHandle.nullDevice
    // Files, not pipes: they take any amount while nobody reads.
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder.write("output")))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: folder.write("errors")))
    try process.run()
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
