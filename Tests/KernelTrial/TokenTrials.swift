import KernelTestSupport
import TensorCore
import TensorKernelBodies
import TensorKernels

/// What transformer layers are made of beside their products: attention with its online softmax, deformable sampling,
/// norms, exponentials.
func tryTokenKernels(_ trial: inout Trial) {
  // Queries, keys, channels, heads, share of keys that are hidden.
  for (queries, keys, channels, heads, hidden) in [
    (1, 1, 1, 1, 0), (3, 7, 12, 4, 0.5), (20, 9, 16, 2, 0), (33, 17, 34, 2, 0.5), (5, 600, 8, 1, 0.999),
  ] {
    for arithmetic in bothArithmetics { tryAttention(queries, keys, channels, heads, hidden, arithmetic, &trial) }
  }
  // Levels, heads, channels of a head, points, how far they reach.
  for (levels, heads, width, points, reach) in [
    ([(1, 1)], 1, 1, 1, 0.4), ([(1, 9), (3, 1)], 2, 3, 2, 3), ([(2, 3), (4, 6)], 8, 8, 4, 3), ([(4, 4)], 3, 45, 5, 40),
    ([(2, 2), (3, 3), (5, 4)], 1, 64, 9, 3),
  ] as [([(Int, Int)], Int, Int, Int, Float)] {
    tryDeformableAttention(levels, heads, width, points, reach, &trial)
  }
  surviveWildOffsets(&trial)
  for (rows, columns, gap) in [(1, 1, 0), (1, 7, 0), (3, 8, 1), (5, 15, 0), (2, 16, 4), (9, 37, 3), (40, 64, 0)] {
    tryNorms(rows, columns, gap, &trial)
  }
  for count in [1, 7, 15, 16, 17, 31, 100] {
    for spread in [1, 30, 100] as [Float] { tryExponentials(count, spread, &trial) }
  }
  tryFeedForward(13, 20, 40, &trial)
  tryFeedForward(97, 16, 33, &trial)
}

private func tryAttention(
  _ queries: Int, _ keys: Int, _ channels: Int, _ heads: Int, _ hidden: Double, _ arithmetic: Arithmetic,
  _ trial: inout Trial
) {
  var random = SeededGenerator(queries + keys)
  let q = random.matrix(queries, channels, gap: 1, in: -3...3)
  let k = random.matrix(keys, channels, in: -3...3)
  let v = random.matrix(keys, channels, gap: 2)
  let mask = random.bools(queries * keys, probability: hidden)
  let expected = Scalar.attention(
    queries: q.values, keys: k.values, values: v.values, channels: channels, heads: heads,
    mask: hidden == 0 ? nil : mask)
  trial.expect(
    "attention \(queries) x \(keys), \(heads) heads of \(channels / heads), \(arithmetic.name)", near: expected,
    absolute: 2e-6, arithmetic
  ) { context in
    let output = GuardedMatrix(rows: queries, columns: channels, gap: 3)
    mask.withUnsafeBufferPointer { mask in
      attention(
        queries: q.view, keys: k.view, values: v.view, heads: heads, mask: hidden == 0 ? nil : mask.baseAddress,
        into: output.view, context)
    }
    return .matrix(output)
  }
}

private func tryDeformableAttention(
  _ levels: [(Int, Int)], _ heads: Int, _ width: Int, _ points: Int, _ reach: Float, _ trial: inout Trial
) {
  var random = SeededGenerator(width + points)
  let pixels = levels.reduce(0) { $0 + $1.0 * $1.1 }
  let (samples, channels) = (heads * levels.count * points, heads * width)
  let value = random.matrix(pixels, channels, gap: 1)
  let offsets = random.matrix(pixels, samples * 2, gap: 3, in: -reach...reach)
  let logits = random.matrix(pixels, samples, gap: 1, in: -4...4)
  let expected = Scalar.deformableAttention(
    value: value.values, levels: levels.map { (height: $0.0, width: $0.1) }, offsets: offsets.values,
    logits: logits.values, channels: channels, heads: heads, points: points)
  trial.expect(
    "deformable attention, \(pixels) pixels, \(heads) heads of \(width), \(points) points", near: expected,
    // A bilinear sample changes by no more than the coordinate's rounding times the step between pixels.
    absolute: 5e-6 * max(reach, 1)
  ) { context in
    let output = GuardedMatrix(rows: pixels, columns: channels, gap: 2)
    deformableAttention(
      value: value.view, levels: levels.map { LevelShape(height: $0.0, width: $0.1) }, offsets: offsets.view,
      logits: logits.view, heads: heads, points: points, into: output.view, context)
    return .matrix(output)
  }
}

/// Processors differ in what integer a float becomes that is none.
private func surviveWildOffsets(_ trial: inout Trial) {
  for offset in [Float.nan, .infinity, -.infinity, 1e30, -1e30, 9e18] {
    let value = GuardedMatrix(rows: 4, columns: 8, values: [Float](repeating: 1, count: 32))
    let offsets = GuardedMatrix(rows: 4, columns: 2, values: [Float](repeating: offset, count: 8))
    let logits = GuardedMatrix(rows: 4, columns: 1, values: [0, 0, 0, 0])
    trial.expect("deformable attention far outside", equal: [Float](repeating: 0, count: 32)) { context in
      let output = GuardedMatrix(rows: 4, columns: 8)
      deformableAttention(
        value: value.view, levels: [LevelShape(height: 2, width: 2)], offsets: offsets.view, logits: logits.view,
        heads: 1, points: 1, into: output.view, context)
      return .matrix(output)
    }
  }
}

private func tryNorms(_ rows: Int, _ columns: Int, _ gap: Int, _ trial: inout Trial) {
  var random = SeededGenerator(rows + columns)
  let x = random.matrix(rows, columns, gap: gap, in: -3...5)
  let residual = random.matrix(rows, columns, gap: gap)
  let (weight, bias) = (random.floats(columns), random.floats(columns))
  let sum = Scalar.finish(x.values, residual: residual.values, relu: false)
  trial.expect(
    "layer norm \(rows) x \(columns)", near: Scalar.layerNorm(sum, weight: weight, bias: bias, epsilon: 1e-5),
    absolute: 1e-5
  ) { context in
    let y = GuardedMatrix(rows: rows, columns: columns, gap: gap + 1)
    LayerNorm(weight: Constant(weight), bias: Constant(bias))(x.view, residual: residual.view, into: y.view, context)
    return .matrix(y)
  }
  let groups = columns % 4 == 0 ? columns / 4 : 1
  for relu in [false, true] {
    trial.expect(
      "group norm \(rows) x \(columns), relu \(relu)",
      near: Scalar.groupNorm(x.values, groups: groups, weight: weight, bias: bias, epsilon: 1e-5, relu: relu),
      absolute: 5e-5
    ) { context in
      let y = GuardedMatrix(rows: rows, columns: columns, gap: gap + 1)
      GroupNorm(groups: groups, weight: Constant(weight), bias: Constant(bias))(
        x.view, into: y.view, activation: relu ? .relu : .none, context)
      return .matrix(y)
    }
  }
}

private func tryExponentials(_ count: Int, _ spread: Float, _ trial: inout Trial) {
  var random = SeededGenerator(count)
  let x = random.floats(count, in: -spread...spread)
  trial.expect(
    "softmax of \(count), spread \(spread)", near: Scalar.softmaxRows(x, columns: count), absolute: 1e-6,
    relative: 2e-6
  ) { context in
    let values = GuardedMatrix(rows: 1, columns: count, values: x)
    let row = values.view.row(0)
    let sum = exponentiate(row, count: count, subtracting: x.max() ?? 0, context.instructions)
    for index in 0..<count { row[index] /= sum }
    return .matrix(values)
  }
}

private func tryFeedForward(_ rows: Int, _ inputs: Int, _ hidden: Int, _ trial: inout Trial) {
  var random = SeededGenerator(rows + inputs)
  let x = random.floats(rows * inputs)
  let (weight1, bias1) = (random.floats(hidden * inputs), random.floats(hidden))
  let (weight2, bias2) = (random.floats(inputs * hidden), random.floats(inputs))
  let (scale, shift) = (random.floats(inputs), random.floats(inputs))
  let inner = Scalar.linear(x, weight: weight1, bias: bias1, rows: rows, inputs: inputs, outputs: hidden)
  let sum = Scalar.linear(
    Scalar.finish(inner, residual: nil, relu: true), weight: weight2, bias: bias2, rows: rows, inputs: hidden,
    outputs: inputs)
  let expected = Scalar.layerNorm(
    Scalar.finish(sum, residual: x, relu: false), weight: scale, bias: shift, epsilon: 1e-5)
  let feedForward = FeedForward(
    linear1: Linear(
      weight: Constant(weight1), bias: Constant(bias1), inputs: inputs, outputs: hidden, arithmetic: .reproducible),
    linear2: Linear(
      weight: Constant(weight2), bias: Constant(bias2), inputs: hidden, outputs: inputs, arithmetic: .reproducible),
    norm: LayerNorm(weight: Constant(scale), bias: Constant(shift)))
  trial.expect("feed-forward \(rows) x \(inputs) x \(hidden)", near: expected, absolute: 5e-5) { context in
    let rows = GuardedMatrix(rows: rows, columns: inputs, gap: 3, values: x)
    feedForward(rows.view, context)
    return .matrix(rows)
  }
}
