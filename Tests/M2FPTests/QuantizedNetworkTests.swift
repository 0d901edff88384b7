import Checkpoints
import Foundation
import M2FP
import TensorCore
import TensorKernels
import TestSupport
import Testing

/// An int8 network gives the same bits with every backend and any number of threads.
@Suite(.timeLimit(.minutes(10))) struct QuantizedNetworkTests {
  /// Mixtures of int8 and fp32 layers: all layers quantized, or all but those with a word in their names.
  static let kept: [String?] = [
    nil, "conv1", "conv2", "conv3", "shortcut", "linear1", "k_proj", "layer_1", "self_attn",
  ]

  @Test(arguments: Golden.pipelines + Golden.variants)
  func everyProcessorComputesTheSame(golden: Golden) throws {
    try compare(golden, keeping: nil)
  }

  @Test(arguments: kept.compactMap(\.self)) func layersOfBothKindsMeet(word: String) throws {
    try compare(#require(Golden.pipelines.first), keeping: word)
  }

  private func compare(_ golden: Golden, keeping word: String?) throws {
    try TemporaryFolder.with { folder in
      let fixture = try QuantizedFixture(golden, in: folder) { layer in word.map { !layer.name.contains($0) } ?? true }
      let file = try WeightsFile(fixture.int8)
      var first: (classes: [Float], masks: [Float])?
      for backend in KernelBackend.available {
        let network = try M2FPNetwork(file, backend: backend)
        for threads in [1, 3] {
          let arena = Arena()
          let output = try network(
            image(arena), ExecutionContext(arena: arena, pool: WorkerPool(threads: threads), backend: backend)
          )
          let found = (classes: output.predLogits, masks: output.predMasks.withElements { Array($0) })
          let expected = first ?? found
          first = expected
          #expect(found.classes == expected.classes, "\(backend), \(threads) threads")
          #expect(found.masks == expected.masks, "\(backend), \(threads) threads")
          #expect(found.classes.allSatisfy { $0.isFinite })
        }
      }
    }
  }

  /// An arbitrary image, (64, 96, 3).
  private func image(_ arena: Arena) -> Tensor<Float> {
    var random = SeededGenerator(11)
    let image = arena.tensor(height: 64, width: 96, channels: 3)
    for index in 0..<image.count { image.elements[index] = Float.random(in: -2...2, using: &random) }
    return image
  }
}
