import ArgumentParser
import Foundation
import M2FP
import Platform

/// `m2fp convert`: conversion of a training checkpoint into a weights file.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Turn a training checkpoint into a weights file.",
    discussion: """
      Reads checkpoints of PyTorch, also in its legacy format, and safetensors, without executing any code in them, and \
      writes one safetensors file with the configuration in its header and batch normalization folded.
      """)

  @Argument(help: "A .pt, .pth, .bin or .safetensors file.")
  var checkpoint: String

  @Option(
    help: ArgumentHelp(
      "Key of the state dictionary in the checkpoint, such as model_ema; looked for if absent.", valueName: "name"))
  var key: String?

  @Option(
    help: ArgumentHelp(
      "configuration.json of ModelScope; the one beside the checkpoint if absent.", valueName: "file"))
  var configuration: String?

  @Option(name: .customShort("o"), help: ArgumentHelp("The safetensors file to write.", valueName: "file"))
  var output: String

  @Option(help: "Precision in which weights are stored; computation is in fp32 either way.")
  var precision: CheckpointConverter.StoragePrecision = .fp32

  func validate() throws { try expectFile(output, otherThan: [checkpoint, configuration].compactMap(\.self), "-o") }

  func run() throws {
    try exiting { () throws(Failure) in
      Interrupt.watch()
      do {
        let report = try CheckpointConverter.convert(
          checkpoint: FilePath.url(checkpoint), key: key, configuration: configuration.map { FilePath.url($0) },
          to: FilePath.url(output), precision: precision,
          check: { try Interrupt.checkRequest(beforeWriting: output) })
        if !report.others.isEmpty {
          logger.notice(
            "\(checkpoint): read \(report.path[0]); --key reads \(report.others.joined(separator: ", ")) instead")
        }
        logger.notice(
          "\(output): \(report.tensors) tensors, \(report.parameters) parameters, \(precision.rawValue)")
        return .success
      } catch {
        throw Failure(error)
      }
    }
  }
}
