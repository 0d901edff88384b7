import ArgumentParser
import Logging
import OpenBLAS
import Platform

/// Version of the package, as `m2fp --version` prints it and release tags name it.
package enum Version {
  package static let current = "0.1.0"
}

/// The command line: `m2fp SUBCOMMAND`.
@main
struct M2FPCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "m2fp",
    abstract: "Finds people and their parts in photographs, on ordinary processors.",
    version: Version.current,
    subcommands: [
      ParseCommand.self, SequenceCommand.self, CutoutCommand.self, AdjustCommand.self, ConvertCommand.self,
      PruneCommand.self, QuantizeCommand.self, InfoCommand.self, EvaluateCommand.self,
    ] + service)

  /// `serve`, unless the package trait `Service` is disabled.
  private static var service: [any ParsableCommand.Type] {
    #if Service
      [ServeCommand.self]
    #else
      []
    #endif
  }

  /// Runs commands on the main thread, which receives signals, so that SIGINT interrupts blocked reads. Only the service
  /// runs on other threads.
  @MainActor static func main() async {
    OpenBLAS.startNoThreads()
    MemoryShortage.watch(status: ExitReason.outOfMemory.rawValue)
    LoggingSystem.bootstrap { _ in ConsoleLogHandler() }
    do {
      var command = try parseAsRoot(commandLineWords())
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
