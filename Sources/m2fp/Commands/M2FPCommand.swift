import ArgumentParser
import Logging

/// The command line: `m2fp SUBCOMMAND`.
@main
struct M2FPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "m2fp",
    abstract: "Finds people and their parts in photographs, on ordinary processors.",
    version: Version.current,
    subcommands: [
      ParseCommand.self, CutoutCommand.self, AdjustCommand.self, ConvertCommand.self, InfoCommand.self,
      EvaluateCommand.self,
    ])

  static func main() {
    LoggingSystem.bootstrap { _ in ConsoleLogHandler() }
    main(nil)
  }
}
