import Checkpoints
import Foundation
import HumanParsing
import ImageCoding
import M2FP
import NetworkPruning
import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Pruned files of golden networks.
@Suite(.timeLimit(.minutes(10))) struct WeightsPrunerTests {
  static let goldens = ["multi-r50-narrow", "variant-r18-fpn"].map(Golden.init(name:))

  /// A file of a golden network in which the first half of the outputs of each layer that can be pruned is 0. First,
  /// since channels that the pictures never excite count as little, and the first of equals leaves.
  private func halfDead(_ golden: Golden, in folder: URL) throws -> URL {
    let (floats, halved) = (folder.appending(path: "floats.safetensors"), folder.appending(path: "halved.safetensors"))
    try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: floats)
    let file = try WeightsFile(floats)
    let pruned = file.description.prunableLayers.map(\.layer).flatMap { [$0.weightName, $0.biasName] }
    let entries = try file.description.parameters.map { parameter in
      var values = try file.constant(parameter.name).withElements { Array($0) }
      if pruned.contains(parameter.name) {
        for index in 0..<values.count / 2 { values[index] = 0 }
      }
      return SafetensorsWriter.Entry(name: parameter.name, shape: parameter.shape, floats: values)
    }
    try SafetensorsWriter.write(entries, metadata: file.metadata, to: halved.path)
    return halved
  }

  private func prune(_ weights: URL, to output: URL, _ change: (inout WeightsPruner.Options) -> Void) throws
    -> PruningReport
  {
    var options = WeightsPruner.Options()
    change(&options)
    let pruner = try WeightsPruner(weights: weights, pictures: 4, options: options)
    for seed in 1...4 {
      var random = SeededGenerator(seed)
      let pixels = random.floats(64 * 96 * 3, in: 0...255).map { UInt8($0) }
      try pruner.add(try RGBImage(width: 64, height: 96, pixels: pixels))
    }
    return try pruner.write(to: output)
  }

  /// The stages up to the pixel decoder's. What follows decides by thresholds, which rounding may cross.
  private func stages(_ weights: URL) throws -> [String: [Float]] {
    let arena = Arena()
    let image = arena.tensor(height: 96, width: 64, channels: 3)
    var random = SeededGenerator(9)
    _ = image.elements.update(fromContentsOf: random.floats(image.count, in: -2...2))
    var stages: [String: [Float]] = [:]
    let context = ExecutionContext(arena: arena, pool: WorkerPool(threads: 2))
    let output = try M2FPNetwork(WeightsFile(weights))(image, context) { stage, value in
      guard let map = value.floats else { return }
      stages[stage] = Array(UnsafeBufferPointer(start: map.base, count: map.height * map.width * map.channels))
    }
    #expect(!output.predLogits.contains { !$0.isFinite })
    return stages.filter { !$0.key.hasPrefix("layer") && !$0.key.hasPrefix("pred") }
  }

  /// Channels that are always 0 leave first, and nothing changes.
  @Test(arguments: goldens, [true, false])
  func deadChannelsLeaveWithoutATrace(golden: Golden, fits: Bool) throws {
    try TemporaryFolder.with { folder in
      let halved = try halfDead(golden, in: folder)
      let pruned = folder.appending(path: "pruned.safetensors")
      let report = try prune(halved, to: pruned) {
        ($0.backbone, $0.feedForward, $0.fits) = (0.05, 0.3, fits)
      }
      #expect(!report.layers.isEmpty && report.multiplyAdds.backbone >= 0.05)
      #expect(report.layers.allSatisfy { $0.kept * 2 >= $0.channels && ($0.lossWithoutFit ?? 1) < 1e-6 })
      #expect(report.parameters[1] < report.parameters[0])
      let file = try WeightsFile(pruned)
      for layer in report.layers { #expect(file.configuration.model.prunedWidths[layer.name] == layer.kept) }
      let (before, after) = (try stages(halved), try stages(pruned))
      #expect(before.count > 6 && before.keys == after.keys)
      for (stage, values) in before {
        let largest = values.map(abs).max() ?? 0
        expectClose(after[stage] ?? [], values, absolute: 1e-4 * largest)
      }
    }
  }

  @Test(arguments: goldens) func savesWhatWasAskedForAndFitsBetter(golden: Golden) throws {
    try TemporaryFolder.with { folder in
      let (floats, pruned) = (folder.appending(path: "f.safetensors"), folder.appending(path: "p.safetensors"))
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: floats)
      let report = try prune(floats, to: pruned) { ($0.backbone, $0.feedForward) = (0.2, 0.4) }
      #expect(report.multiplyAdds.backbone >= 0.2 && report.multiplyAdds.backbone < 0.4)
      for layer in report.layers {
        #expect(try #require(layer.loss) <= #require(layer.lossWithoutFit) + 1e-6, "\(layer)")
        #expect(layer.kept.isMultiple(of: PruningPlan.groupSize) && layer.kept < layer.channels, "\(layer)")
      }
      // What is pruned can be pruned again.
      let twice = folder.appending(path: "t.safetensors")
      let second = try prune(pruned, to: twice) { $0.backbone = 0.1 }
      #expect(second.parameters[0] == report.parameters[1] && second.parameters[1] < second.parameters[0])
      _ = try stages(twice)
    }
  }

  @Test(arguments: goldens) func theSameBytesOnAnyNumberOfThreads(golden: Golden) throws {
    try TemporaryFolder.with { folder in
      let floats = folder.appending(path: "floats.safetensors")
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: floats, precision: .fp16)
      let files = try [1, 2, 5].map { threads in
        let file = folder.appending(path: "\(threads).safetensors")
        _ = try prune(floats, to: file) { ($0.threads, $0.feedForward) = (threads, 0.2) }
        return try Data(contentsOf: file)
      }
      #expect(files[0] == files[1] && files[0] == files[2])
    }
  }

  /// Only what nobody else sees can be pruned.
  @Test func theInsideOfBlocksCanBePruned() throws {
    let golden = try #require(Self.goldens.first { $0.name == "multi-r50-narrow" })
    try TemporaryFolder.with { folder in
      let floats = folder.appending(path: "floats.safetensors")
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: floats)
      let names = try WeightsFile(floats).description.prunableLayers.map(\.layer.name)
      let backbone = names.filter { $0.hasPrefix("backbone.") }
      let blocks = [3, 4, 6, 3].enumerated().flatMap { stage, count in
        (0..<count).flatMap { ["backbone.res\(stage + 2).\($0).conv1", "backbone.res\(stage + 2).\($0).conv2"] }
      }
      #expect(backbone == ["backbone.stem.conv1", "backbone.stem.conv2"] + blocks)
      #expect(names.filter { !$0.hasPrefix("backbone.") }.allSatisfy { $0.hasSuffix(".linear1") })
      #expect(names.count == backbone.count + 2)
    }
  }
}
