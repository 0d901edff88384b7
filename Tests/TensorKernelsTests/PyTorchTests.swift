import Foundation
import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Small cases as PyTorch computes them; `Fixtures/make_fixtures.py` writes them anew.
@Suite(.timeLimit(.minutes(10))) struct PyTorchTests {
  private let context = ExecutionContext(arena: Arena(), pool: WorkerPool(threads: 2))

  /// A case's lists of numbers, by name.
  private func fixture(_ name: String) throws -> [String: [Float]] {
    let url = try #require(Bundle.module.url(forResource: "pytorch", withExtension: "json", subdirectory: "Fixtures"))
    let cases = try JSONDecoder().decode([String: [String: [Float]]].self, from: Data(contentsOf: url))
    return try #require(cases[name])
  }

  @Test func convolution() throws {
    let fixture = try fixture("convolution")
    let weight = try #require(fixture["weight"])
    let convolution = weight.withUnsafeBufferPointer {
      Convolution(
        weightOIHW: $0, bias: Constant(fixture["bias"] ?? []), inputs: 4, outputs: 5, kernel: 3, stride: 2, padding: 2,
        dilation: 2)
    }
    let x = GuardedMatrix(rows: 42, columns: 4, values: fixture["x"])
    let y = convolution(x.map(height: 7, width: 6), context)
    expectClose(Array(y.elements), fixture["y"] ?? [])
  }

  @Test func pooling() throws {
    let fixture = try fixture("max_pool")
    let x = GuardedMatrix(rows: 30, columns: 3, values: fixture["x"])
    let y = maxPool(x.map(height: 6, width: 5), kernel: 3, stride: 2, padding: 1, context)
    expectClose(Array(y.elements), fixture["y"] ?? [])
  }

  @Test func norms() throws {
    let layer = try fixture("layer_norm")
    let x = GuardedMatrix(rows: 3, columns: 12, values: layer["x"])
    LayerNorm(weight: Constant(layer["weight"] ?? []), bias: Constant(layer["bias"] ?? []))(
      x.view, into: x.view, context)
    expectClose(x.values, layer["y"] ?? [])
    let group = try fixture("group_norm")
    let z = GuardedMatrix(rows: 15, columns: 12, values: group["x"])
    GroupNorm(groups: 4, weight: Constant(group["weight"] ?? []), bias: Constant(group["bias"] ?? []))(
      z.view, into: z.view, context)
    expectClose(z.values, group["y"] ?? [])
  }

  @Test func softmax() throws {
    let fixture = try fixture("softmax")
    let x = GuardedMatrix(rows: 3, columns: 11, values: fixture["x"])
    softmaxRows(x.view, context.instructions)
    expectClose(x.values, fixture["y"] ?? [], absolute: 1e-7)
  }

  @Test func maskedAttention() throws {
    let fixture = try fixture("attention")
    let queries = GuardedMatrix(rows: 3, columns: 8, values: fixture["queries"])
    let keys = GuardedMatrix(rows: 10, columns: 8, values: fixture["keys"])
    let values = GuardedMatrix(rows: 10, columns: 8, values: fixture["values"])
    let output = GuardedMatrix(rows: 3, columns: 8)
    try #require(fixture["mask"]).map { $0 != 0 }.withUnsafeBufferPointer { mask in
      attention(
        queries: queries.view, keys: keys.view, values: values.view, heads: 2, mask: mask.baseAddress,
        into: output.view, context)
    }
    expectClose(output.values, fixture["y"] ?? [], absolute: 1e-6)
  }

  @Test func multiScaleDeformableAttention() throws {
    let fixture = try fixture("deformable_attention")
    let value = GuardedMatrix(rows: 30, columns: 8, values: fixture["value"])
    let offsets = GuardedMatrix(rows: 30, columns: 24, values: fixture["offsets"])
    let logits = GuardedMatrix(rows: 30, columns: 12, values: fixture["logits"])
    let output = GuardedMatrix(rows: 30, columns: 8)
    deformableAttention(
      value: value.view, levels: [LevelShape(height: 2, width: 3), LevelShape(height: 4, width: 6)],
      offsets: offsets.view, logits: logits.view, heads: 2, points: 3, into: output.view, context)
    expectClose(output.values, fixture["y"] ?? [], shape: [30, 8], absolute: 2e-6)
  }

  @Test(arguments: [("up", 9, 11), ("down", 3, 2)]) func resizing(_ name: String, _ height: Int, _ width: Int) throws {
    let fixture = try fixture("resize")
    let x = GuardedMatrix(rows: 24, columns: 3, values: fixture["x"])
    let y = GuardedMatrix(rows: height * width, columns: 3)
    bilinearResize(x.map(height: 4, width: 6), into: y.map(height: height, width: width), context)
    expectClose(y.values, fixture["bilinear_\(name)"] ?? [], absolute: 1e-6)
    nearestResize(x.map(height: 4, width: 6), into: y.map(height: height, width: width), context)
    expectClose(y.values, fixture["nearest_\(name)"] ?? [], absolute: 0, relative: 0)
  }

  @Test func positionEmbedding() throws {
    let y = GuardedMatrix(rows: 15, columns: 12)
    sinePositionEmbedding(height: 3, width: 5, into: y.view)
    expectClose(y.values, try fixture("sine_position_embedding")["y"] ?? [], absolute: 1e-6)
  }
}
