import BenchmarkSupport
import Foundation
import M2FP
import Testing

@Suite(.timeLimit(.minutes(10))) struct NetworkOperationsTests {
  @Test func countsAConvolution() {
    // 2 × 3 input pixels of 4 channels become 1 × 2 of 5 under a 3 × 3 kernel.
    let work = OperationCount.convolution(pixels: 6, to: 2, inputs: 4, outputs: 5, kernel: 3)
    #expect(work.multiplyAdds == 2 * 5 * 4 * 9)
    #expect(work.bytes == 4 * (6 * 4 + 4 * 5 * 9 + 2 * 5))
    #expect(work.gigaflop == 720e-9)
  }

  @Test func countsProducts() {
    #expect(
      OperationCount.linear(rows: 7, inputs: 3, outputs: 2)
        == OperationCount(multiplyAdds: 42, bytes: 4 * (21 + 6 + 14)))
    #expect(
      OperationCount.attention(queries: 2, keys: 5, width: 3) == OperationCount(multiplyAdds: 60, bytes: 4 * 2 * 7 * 3))
    #expect(
      OperationCount.deformableAttention(tokens: 10, width: 8, heads: 2, samples: 12)
        == OperationCount(multiplyAdds: 4 * 10 * 12 * 8, bytes: 4 * 10 * (16 + 72)))
  }

  /// ResNet-50 is known for 4,089,184,256 multiply-adds at 224 × 224 (torchvision's, stride in the 3 × 3), of which the
  /// classifier that is not here takes 2048 × 1000.
  @Test func countsResNet50AsOthersDo() throws {
    let work = NetworkOperations(try network(depth: 50), size: InputSize(height: 224, width: 224))
    let names = ["stem", "res2", "res3", "res4", "res5"]
    #expect(names.compactMap { work[$0]?.multiplyAdds }.reduce(0, +) == 4_089_184_256 - 2_048_000)
    #expect(work.stages.map(\.name) == names + ["pixel decoder", "transformer decoder", "masks"])
  }

  /// One layer each, summed by hand: levels of 1, 4, 16 tokens (21) and 64 pixels.
  @Test func countsTheDecoders() throws {
    let work = NetworkOperations(try network(depth: 50), size: InputSize(height: 32, width: 32))
    let projections = (2048 + 4 * 1024 + 16 * 512) * 32
    let encoder = 21 * (32 * 32 * 2 + 32 * 48 + 32 * 24 + 32 * 64 * 2) + 4 * 21 * 12 * 32
    let fpn = 64 * (256 * 32 + 32 * 32 * 9 + 32 * 32)
    #expect(work["pixel decoder"]?.multiplyAdds == projections + encoder + fpn)
    let embedding = 5 * 3 * 32 * 32
    let cross = (2 * 5 + 2) * 32 * 32 + 2 * 5 * 32
    let own = 4 * 5 * 32 * 32 + 2 * 5 * 5 * 32
    let classes = 5 * 32 * 4
    let feedForward = 2 * 5 * 32 * 64
    #expect(
      work["transformer decoder"]?.multiplyAdds == embedding + 5 * 32 + cross + own + feedForward + classes)
    #expect(work["masks"]?.multiplyAdds == embedding + 5 * 32 * 64)
  }

  private func network(depth: Int) throws -> Configuration {
    let json = """
      {"model": {
        "backbone": {
          "out_features": ["res2", "res3", "res4", "res5"], "depth": \(depth), "num_groups": 1, "width_per_group": 64,
          "norm": "BN", "stem_type": "basic", "stem_out_channels": 64, "res2_out_channels": 256, "stride_in_1x1": false,
          "res4_dilation": 1, "res5_dilation": 1, "res5_multi_grid": [1, 1, 1]
        },
        "encoder": {
          "in_features": ["res2", "res3", "res4", "res5"], "transformer_nheads": 2,
          "transformer_dim_feedforward": 64, "transformer_enc_layers": 1, "conv_dim": 32, "mask_dim": 32
        },
        "decoder": {
          "num_classes": 3, "hidden_dim": 32, "num_queries": 5, "nheads": 2, "dim_feedforward": 64, "dec_layers": 1,
          "pre_norm": false, "mask_dim": 32, "enforce_input_project": false
        },
        "classes": ["Background", "Face", "Human"], "single_human": false, "parsing_on": true
      }}
      """
    return try Configuration(json: Data(json.utf8), name: "test")
  }
}
