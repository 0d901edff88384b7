import TensorCore
import TensorKernels
import TestSupport
import Testing

/// What a network of reproducible arithmetic runs on has the same bits under every instruction set.
@Suite(.timeLimit(.minutes(10))) struct ReproducibilityTests {
  @Test(arguments: LinearTests.shapes) func linear(_ shape: LinearTests.Shape) {
    var random = SeededGenerator(shape.rows + shape.outputs)
    let input = random.matrix(shape.rows, shape.inputs, gap: shape.gap)
    let residual = random.matrix(shape.rows, shape.outputs, gap: shape.gap)
    let (weight, bias) = (random.floats(shape.outputs * shape.inputs), random.floats(shape.outputs))
    for (hasBias, hasResidual, relu) in everyCombination {
      expectSameBits { context in
        let layer = Linear(
          weight: Constant(weight), bias: hasBias ? Constant(bias) : nil, inputs: shape.inputs,
          outputs: shape.outputs, arithmetic: .reproducible, backend: context.backend)
        return Array(
          layer(
            input.view, activation: relu ? .relu : .none, residual: hasResidual ? residual.view : nil, context
          ).elements)
      }
    }
  }

  @Test(arguments: ConvolutionTests.shapes + ConvolutionTests.winogradShapes)
  func convolution(_ shape: ConvolutionTests.Shape) {
    var random = SeededGenerator(shape.height + shape.outputs)
    let input = random.matrix(shape.height * shape.width, shape.inputs)
    let residual = random.matrix(shape.outputHeight * shape.outputWidth, shape.outputs)
    let (weight, bias) = (random.floats(shape.weightCount), random.floats(shape.outputs))
    for (hasBias, hasResidual, relu) in everyCombination {
      expectSameBits { context in
        let layer = ConvolutionTests.convolution(
          shape, weight, hasBias ? bias : nil, arithmetic: .reproducible, context.backend)
        return Array(
          layer(
            input.map(height: shape.height, width: shape.width), activation: relu ? .relu : .none,
            residual: hasResidual ? residual.map(height: shape.outputHeight, width: shape.outputWidth) : nil, context
          ).elements)
      }
    }
  }

  @Test(arguments: AttentionTests.shapes, [nil, 0.5, 0.999] as [Double?])
  func attends(_ shape: AttentionTests.Shape, _ hidden: Double?) {
    var random = SeededGenerator(shape.queries + shape.keys)
    let queries = random.matrix(shape.queries, shape.channels, gap: shape.gap, in: -3...3)
    let keys = random.matrix(shape.keys, shape.channels, in: -3...3)
    let values = random.matrix(shape.keys, shape.channels)
    let mask = random.bools(shape.queries * shape.keys, probability: hidden ?? 0)
    expectSameBits { context in
      let output = context.arena.matrix(rows: shape.queries, columns: shape.channels)
      mask.withUnsafeBufferPointer { mask in
        attention(
          queries: queries.view, keys: keys.view, values: values.view, heads: shape.heads,
          mask: hidden == nil ? nil : mask.baseAddress, into: output.matrix, context)
      }
      return Array(output.elements)
    }
  }

  @Test(arguments: DeformableAttentionTests.shapes) func samples(_ shape: DeformableAttentionTests.Shape) {
    var random = SeededGenerator(shape.width + shape.points)
    let samples = shape.levels.count * shape.points * shape.heads
    let pixels = shape.levels.reduce(0) { $0 + $1[0] * $1[1] }
    let value = random.matrix(pixels, shape.heads * shape.width)
    let offsets = random.matrix(pixels, samples * 2, in: -3...3)
    let logits = random.matrix(pixels, samples, in: -4...4)
    expectSameBits { context in
      let output = context.arena.matrix(rows: pixels, columns: shape.heads * shape.width)
      deformableAttention(
        value: value.view, levels: shape.levels.map { LevelShape(height: $0[0], width: $0[1]) }, offsets: offsets.view,
        logits: logits.view, heads: shape.heads, points: shape.points, into: output.matrix, context)
      return Array(output.elements)
    }
  }

  /// Rows, depth, columns.
  @Test(arguments: [[1, 1, 1], [7, 16, 9], [13, 17, 71], [100, 32, 2100]], [false, true])
  func product(_ shape: [Int], _ transposeB: Bool) {
    var random = SeededGenerator(shape[1])
    let a = random.matrix(shape[0], shape[1])
    let b = transposeB ? random.matrix(shape[2], shape[1]) : random.matrix(shape[1], shape[2])
    expectSameBits { context in
      let c = context.arena.matrix(rows: shape[0], columns: shape[2])
      matrixProduct(a.view, b.view, transposeB: transposeB, into: c.matrix, context)
      return Array(c.elements)
    }
  }

  @Test(arguments: [1, 7, 16, 31, 1000], [1, 100] as [Float]) func exponentials(_ count: Int, _ spread: Float) {
    var random = SeededGenerator(count)
    let x = random.floats(count, in: -spread...spread)
    expectSameBits { context in
      var values = x
      let sum = exponentiate(&values, count: count, subtracting: spread, context.instructions)
      return values + [sum]
    }
  }

  @Test(arguments: NormTests.shapes) func norms(_ shape: [Int]) {
    var random = SeededGenerator(shape[0])
    let (rows, columns) = (shape[0], shape[1])
    let x = random.matrix(rows, columns, in: -2...3)
    let (weight, bias) = (Constant(random.floats(columns)), Constant(random.floats(columns)))
    expectSameBits { context in
      let byRow = context.arena.matrix(rows: rows, columns: columns)
      let byGroup = context.arena.matrix(rows: rows, columns: columns)
      LayerNorm(weight: weight, bias: bias)(x.view, residual: x.view, into: byRow.matrix, context)
      GroupNorm(groups: 1, weight: weight, bias: bias)(x.view, into: byGroup.matrix, activation: .relu, context)
      return Array(byRow.elements) + Array(byGroup.elements)
    }
  }

  /// Height, width, channels.
  @Test(arguments: [[1, 1, 1], [5, 7, 3], [9, 8, 37], [12, 13, 64]]) func images(_ shape: [Int]) {
    var random = SeededGenerator(shape[2])
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let x = random.matrix(height * width, channels)
    expectSameBits { context in
      let x = x.map(height: height, width: width)
      let larger = context.arena.tensor(height: 2 * height + 1, width: 3 * width, channels: channels)
      bilinearResize(x, into: larger.map, context)
      nearestResize(x, into: larger.map, accumulate: true, context)
      bilinearResize(x, into: larger.map, accumulate: true, context)
      let pooled = maxPool(x, kernel: 3, stride: 2, padding: 1, context)
      return Array(larger.elements) + Array(pooled.elements)
    }
  }

  @Test(arguments: PlaneUpsamplerRowTests.spans) func maskRows(_ span: Range<Int>) {
    var random = SeededGenerator(span.count)
    let logits = random.floats(131, in: -3...3)
    expectSameBits { context in
      let instructions = context.instructions
      let (count, sum) = positiveLogits(logits, in: span, instructions)
      var (sums, counts) = (logits, logits)
      addLikely(logits, in: span, scale: 0.8, sums: &sums, counts: &counts, instructions)
      var (best, winners) = (Array(logits.reversed()), [Int32](repeating: 3, count: logits.count))
      chooseLarger(logits, in: span, category: 7, best: &best, winners: &winners, instructions)
      var values = logits
      logistic(&values, in: span, instructions)
      return [Float(count), sum] + sums + counts + best + winners.map { Float($0) } + values
    }
  }
}

/// Expects the same bits of every instruction set, on one thread and on three.
private func expectSameBits(
  sourceLocation: SourceLocation = #_sourceLocation, _ compute: (ExecutionContext) -> [Float]
) {
  var first: [UInt32]?
  for threads in [1, 3] {
    for backend in KernelBackend.available {
      let context = ExecutionContext(
        arena: Arena(), pool: .shared(threads: threads), backend: backend, arithmetic: .reproducible)
      let bits = compute(context).map(\.bitPattern)
      let expected = first ?? bits
      first = expected
      guard bits != expected else { continue }
      let place = zip(bits, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
      Issue.record(
        "\(backend), \(threads) threads: expected the first set's bits, found others from \(place) on",
        sourceLocation: sourceLocation)
      return
    }
  }
}

extension SeededGenerator {
  fileprivate mutating func matrix(
    _ rows: Int, _ columns: Int, gap: Int = 0, in range: ClosedRange<Float> = -1...1
  ) -> GuardedMatrix {
    GuardedMatrix(rows: rows, columns: columns, gap: gap, values: floats(rows * columns, in: range))
  }
}
