import ArgumentParser
import Foundation
import M2FP

/// `m2fp convert`: conversion of a training checkpoint into a weights file.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn a PyTorch checkpoint into a weights file.",
    discussion: """
      Reads checkpoints of ModelScope and Detectron2 without executing any code in them, and writes one safetensors \
      file with the configuration in its header and batch normalization folded.
      """)

  @Argument(help: "A .pt, .pth or .bin file.")
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "configuration.json of ModelScope; the one beside the checkpoint if absent.", valueName: "file"))
  var configuration: String?

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(help: "Precision in which weights are stored; computation is in fp32 either way.")
  var precision: CheckpointConverter.StoragePrecision = .fp32

  func run() throws {
    try exiting { () throws(Failure) in
      do {
        let report = try CheckpointConverter.convert(
          checkpoint: URL(filePath: checkpoint), configuration: configuration.map { URL(filePath: $0) },
          to: URL(filePath: output), precision: precision)
        logger.notice(
          "\(output): \(report.tensors) tensors, \(report.parameters) parameters, \(precision.rawValue)")
        return .success
      } catch {
        throw Failure(error)
      }
    }
  }
}
