import ArgumentParser
import Foundation
import M2FP

/// `m2fp convert`: a training checkpoint becomes one weights file.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn a PyTorch checkpoint into a weights file.",
    discussion: """
      Reads ModelScope's and Detectron2's checkpoints without running anything that they hold, and writes one \
      safetensors file with the configuration inside and batch normalization folded.
      """)

  @Argument(help: "A .pt, .pth or .bin file.")
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "ModelScope's configuration.json; the one beside the checkpoint if absent.", valueName: "file"))
  var configuration: String?

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(help: "How weights are stored; computation is in fp32 either way.")
  var precision: CheckpointConverter.StoragePrecision = .fp32

  func run() throws {
    try exiting { () throws(Failure) in
      do {
        let report = try CheckpointConverter.convert(
          checkpoint: URL(filePath: checkpoint), configuration: configuration.map { URL(filePath: $0) },
          to: URL(filePath: output), precision: precision)
        notes.notice(
          "\(output): \(report.tensors) tensors, \(report.parameters) parameters, \(precision.rawValue)")
        return .success
      } catch {
        throw Failure(error)
      }
    }
  }
}
