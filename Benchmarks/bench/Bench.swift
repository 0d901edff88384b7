import ArgumentParser
import Foundation

/// Measures the package on the machine that it runs on.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the package on the machine that it runs on.",
    subcommands: [
      ConcurrentCommand.self, EngineCommand.self, EXRCommand.self, FrameCommand.self, MasksCommand.self,
      EngineComparisonCommand.self, ResizeCommand.self, SequenceBenchCommand.self, WeightsCommand.self,
    ],
    defaultSubcommand: EngineCommand.self)

  /// Warns on standard error that the build is not optimized.
  static func warnInDebug() {
    #if DEBUG
      FileHandle.standardError.write(Data("This is a debug build: its figures mean nothing.\n".utf8))
    #endif
  }
}
