import Foundation
import TestSupport
import Testing

/// A process of `m2fp serve` on a free port. Its properties are constant, so threads may share it.
final class ServiceProcess: @unchecked Sendable {
  let port: Int
  private let process: Process
  private let folder: URL

  struct NotListening: Error, CustomStringConvertible {
    let status: Int32
    let log: String
    var description: String { "exit status \(status): \(log)" }
  }

  /// The program, which SwiftPM puts beside the test bundle.
  private static let program: URL = {
    let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(filePath: runner).deletingLastPathComponent().appending(path: "m2fp")
  }()

  /// Flags for a network that parses a picture in some milliseconds, where a test is not about masks.
  static let narrow: [String] = {
    let weights = FileManager.default.temporaryDirectory.appending(path: "m2fp-narrow-\(getpid()).safetensors")
    let conversion = Process()
    conversion.executableURL = program
    conversion.arguments = ["convert", Golden(name: "multi-r50-narrow").checkpoint.path, "-o", weights.path]
    conversion.standardOutput = FileHandle.nullDevice
    do { try conversion.start() } catch { Issue.record(error) }
    conversion.waitUntilExit()
    atexit { unlink(narrow[1]) }
    return ["-m", weights.path]
  }()

  /// Starts the service and waits until it listens.
  ///
  /// - Throws: `NotListening` with its exit status if it ends before.
  convenience init(_ arguments: String..., environment: [String: String] = [:]) throws {
    try self.init(arguments, environment: environment)
  }

  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "m2fp-serve-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let log = folder.appending(path: "log")
    try Data().write(to: log)
    process = Process()
    process.executableURL = Self.program
    process.arguments = ["serve", "--port", "0"] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: log)
    try process.start()
    var found: Int?
    while found == nil {
      // The order matters: a process that ends in between has written its log.
      let isRunning = process.isRunning
      let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
      found = text.firstMatch(of: #/"url":"http:[^"]*:(\d+)/"/#).flatMap { Int($0.1) }
      if !isRunning, found == nil { throw NotListening(status: process.terminationStatus, log: text) }
      usleep(2000)
    }
    port = found ?? 0
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  var log: String { (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? "" }

  /// Sends SIGTERM.
  func terminate() { kill(process.processIdentifier, SIGTERM) }

  func exitStatus() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  /// Resident memory in bytes.
  var residentBytes: Int {
    let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
    return (text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
  }

  // MARK: Requests

  /// Whether a connection can be opened.
  var isListening: Bool { (try? connect()) != nil }

  func connect() throws -> RawConnection { try RawConnection(port: port) }

  func get(_ path: String, headers: [String] = []) throws -> Answer {
    try connect().request("GET \(path)", headers: headers)
  }

  func post(_ path: String, _ body: Data, type: String? = "image/png", headers: [String] = []) throws -> Answer {
    try connect().request("POST \(path)", headers: headers + (type.map { ["Content-Type: \($0)"] } ?? []), body: body)
  }

  /// The value of a metric; 0 if it does not exist.
  func metric(_ name: String) throws -> Int {
    let line = try get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
    return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
  }

  /// Waits until a metric has a value.
  func wait(for name: String, toBe value: Int) throws { try wait { try metric(name) == value } }

  struct NeverHappened: Error {}

  /// Waits until a condition holds, for a time in which it does on the slowest machine.
  func wait(until condition: () throws -> Bool) throws {
    let start = ContinuousClock.now
    while try !condition() {
      guard ContinuousClock.now - start < .seconds(120) else { throw NeverHappened() }
      usleep(2000)
    }
  }
}

/// Tests of the program. They block their thread while they wait for it, so only one runs at a time.
@Suite(.serialized, .timeLimit(.minutes(10))) enum ServiceProcessTests {}
