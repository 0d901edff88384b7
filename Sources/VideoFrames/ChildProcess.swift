import Platform
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A program that runs beside this one. Its standard error is read all the time, so that it never waits for that; it reads
/// nothing, and signals from the terminal do not reach it.
///
/// Programs are watched by tasks, and those who use this class wait for them. They do so on threads of their own or the main
/// thread, never on those that all tasks share: where all of these wait, nothing goes on.
final class ChildProcess: Sendable {
  /// How a program ended.
  enum End: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)
    /// No program of the name is on the PATH.
    case notFound
    /// The program could not be started or watched.
    case failed(String)

    /// How the program ended, fit for a sentence after its name; `nil` for success.
    var complaint: String? {
      switch self {
      case .exited(0): nil
      case .exited(let status): "ended with status \(status)"
      case .signaled(let number): "was ended by signal \(number)"
      case .notFound: "was not found"
      case .failed(let reason): "could not be run: \(reason)"
      }
    }
  }

  private let task: Task<Void, Never>
  private let ending: BoundedQueue<End>
  private let ended = Locked<End?>(nil)
  private let isOver = Locked(false)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - name: Name of the program, which is looked for on the PATH.
  ///   - arguments: Arguments without the program's own name.
  ///   - output: Descriptor that the program writes its standard output to; this object closes it. `nil` for nowhere.
  ///   - lines: Called with each line of standard error, one after another.
  ///   - whenEnded: Called once, after the last line.
  init(
    _ name: String, _ arguments: [String], output: CInt? = nil, lines: @escaping @Sendable (String) -> Void,
    whenEnded: @escaping @Sendable () -> Void = {}
  ) {
    let ending = BoundedQueue<End>(capacity: 1)
    self.ending = ending
    let isOver = isOver
    task = Task.detached {
      let end =
        if let output {
          await Self.run(
            name, arguments,
            output: .fileDescriptor(FileDescriptor(rawValue: output), closeAfterSpawningProcess: true), lines)
        } else {
          await Self.run(name, arguments, output: .discarded, lines)
        }
      whenEnded()
      ending.add(end)
      isOver.withLock { $0 = true }
    }
  }

  /// Whether the program has ended.
  var hasEnded: Bool { isOver.withLock { $0 } }

  /// Waits until the program has ended.
  func wait() -> End {
    ended.withLock { ended in
      if let ended { return ended }
      let end = ending.take() ?? .failed("it was lost")
      ended = end
      return end
    }
  }

  /// Ends the program at once, whatever it is doing.
  func stop() { task.cancel() }

  /// Arguments byte by byte, since names of files may be of any bytes.
  private static func words(_ arguments: [String]) -> Arguments {
    Arguments(arguments.map { PathText.bytes($0) + [0] })
  }

  private static var options: PlatformOptions {
    var options = PlatformOptions()
    // A group of its own, which Ctrl-C in the terminal does not reach: this program ends it in an orderly way.
    options.processGroupID = 0
    return options
  }

  private static func run<Output: OutputProtocol>(
    _ name: String, _ arguments: [String], output: Output, _ lines: @Sendable (String) -> Void
  ) async -> End where Output.OutputType == Void {
    do {
      let result = try await Subprocess.run(
        .name(name), arguments: words(arguments), platformOptions: options, input: .none, output: output,
        error: .sequence
      ) { execution in
        for try await line in execution.standardError.strings(bufferingPolicy: .unbounded) { lines(line) }
      }
      return End(result.terminationStatus)
    } catch { return End(error) }
  }

  /// Runs a program to its end and collects what it writes.
  ///
  /// - Returns: The bytes of standard output, and the text of standard error.
  static func output(of name: String, _ arguments: [String]) -> (end: End, output: [UInt8], errors: String) {
    let done = BoundedQueue<(end: End, output: [UInt8], errors: String)>(capacity: 1)
    Task.detached {
      do {
        let result = try await Subprocess.run(
          .name(name), arguments: words(arguments), platformOptions: options, input: .none,
          output: .bytes(limit: mostOutput), error: .string(limit: mostOutput))
        done.add((End(result.terminationStatus), result.standardOutput, result.standardError))
      } catch { done.add((End(error), [], "")) }
    }
    return done.take() ?? (.failed("it was lost"), [], "")
  }

  /// Most bytes that are collected of a program's output.
  private static let mostOutput = 1 << 22
}

extension ChildProcess.End {
  fileprivate init(_ status: TerminationStatus) {
    self =
      switch status {
      case .exited(let code): .exited(code)
      case .signaled(let number): .signaled(number)
      }
  }

  fileprivate init(_ error: any Error) {
    self = (error as? SubprocessError)?.code == .executableNotFound ? .notFound : .failed("\(error)")
  }
}
