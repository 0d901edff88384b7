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
      ParseCommand.self, ConvertCommand.self, InfoCommand.self, EvaluateCommand.self,
      ServeCommand.self,
    ])

  static func main() async {
    LoggingSystem.bootstrap { _ in ConsoleLogHandler() }
    await main(nil)
  }
}
