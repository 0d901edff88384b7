import Checkpoints
import Foundation
import M2FP
import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Every stage of the network against the reference, on ModelScope's architecture and its variants.
@Suite(.timeLimit(.minutes(10))) struct StageTests {
  @Test(arguments: Golden.pipelines + Golden.variants, KernelBackend.available)
  func everyStageAgreesWithTheReference(golden: Golden, backend: KernelBackend) throws {
    let comparison = try StageComparison(golden)
    defer { if golden.name == Golden.fromEnvironment?.name { print(comparison.table) } }
    let network = try network(golden, backend)
    let arena = Arena()
    let input = try normalizedInput(golden, arena)
    let context = ExecutionContext(arena: arena, pool: WorkerPool(threads: 2), backend: backend)
    _ = try network(input, context) { stage, value in
      if let floats = value.floats { try comparison.observe(stage, floats) }
    }
    #expect(comparison.firstFailure == nil)
    let layers = network.configuration.model.decoder.layers
    #expect(comparison.compared.count == 11 + layers, "compared \(comparison.compared)")
  }

  /// A golden of any size, made by `Tests/Goldens/make_variants.py --full`.
  @Test(.enabled(if: Golden.fromEnvironment != nil, "set M2FP_GOLDEN to a folder to compare with it"))
  func theNetworkInTheEnvironmentAgreesWithTheReference() throws {
    try everyStageAgreesWithTheReference(golden: #require(Golden.fromEnvironment), backend: .best)
  }

  private func network(_ golden: Golden, _ backend: KernelBackend) throws -> M2FPNetwork {
    try TemporaryFolder.with { folder in
      let file = folder.appending(path: "weights.safetensors")
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: file)
      return try M2FPNetwork(WeightsFile(file), backend: backend)
    }
  }

  /// The golden's input, normalized as the reference does it and padded to multiples of 32: (H, W, 3).
  private func normalizedInput(_ golden: Golden, _ arena: Arena) throws -> Tensor<Float> {
    let stages = try golden.stages()
    if let input = stages[name: "input"] { return try transposed(input, arena) { value, _ in value } }
    let mean: [Float] = [123.675, 116.28, 103.53]
    let deviation: [Float] = [58.395, 57.12, 57.375]
    return try transposed(#require(stages[name: "pixels"]), arena) { ($0 - mean[$1]) / deviation[$1] }
  }

  /// Planes (…, 3, h, w) to pixels (H, W, 3), zeros at the right and the bottom.
  private func transposed(
    _ planes: CheckpointTensor, _ arena: Arena, _ value: (Float, Int) -> Float
  ) throws -> Tensor<Float> {
    let (height, width) = (planes.shape[planes.shape.count - 2], planes.shape[planes.shape.count - 1])
    let values = try planes.elementType == .uint8 ? planes.withBytes { $0.map(Float.init) } : planes.floats()
    let tensor = arena.tensor(height: (height + 31) / 32 * 32, width: (width + 31) / 32 * 32, channels: 3)
    tensor.elements.update(repeating: 0)
    for channel in 0..<3 {
      for y in 0..<height {
        for x in 0..<width {
          tensor.map.pixel(y, x)[channel] = value(values[(channel * height + y) * width + x], channel)
        }
      }
    }
    return tensor
  }
}
