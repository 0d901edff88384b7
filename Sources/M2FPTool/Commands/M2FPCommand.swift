import ArgumentParser
import Logging

/// The command line: `m2fp SUBCOMMAND`.
@main
struct M2FPCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "m2fp",
    abstract: "Finds people and their parts in photographs, on ordinary processors.",
    version: Version.current,
    subcommands: [
      ParseCommand.self, CutoutCommand.self, AdjustCommand.self, ConvertCommand.self, QuantizeCommand.self,
      InfoCommand.self,
      EvaluateCommand.self, ServeCommand.self,
    ])

  /// Commands run on the main thread, which is the one that signals wake, so that reads that wait see SIGINT; only the
  /// service runs on others.
  @MainActor static func main() async {
    LoggingSystem.bootstrap { _ in ConsoleLogHandler() }
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      exit(withError: error)
    }
  }
}
