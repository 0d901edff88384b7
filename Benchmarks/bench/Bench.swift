import ArgumentParser
import Foundation

/// Measures the package on the machine that it runs on.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the package on the machine that it runs on.",
    subcommands: [
      ConcurrentCommand.self, EngineCommand.self, FrameCommand.self, MasksCommand.self, PeersCommand.self,
      ResizeCommand.self, WeightsCommand.self,
    ],
    defaultSubcommand: EngineCommand.self)

  /// Says so on standard error when the optimizer was off.
  static func warnInDebug() {
    #if DEBUG
      FileHandle.standardError.write(Data("This is a debug build: its figures mean nothing.\n".utf8))
    #endif
  }
}
