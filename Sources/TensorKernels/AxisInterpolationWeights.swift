package import TensorCore

/// Interpolation weights of one axis of a linear resampling: every output is a weighted sum of a few neighbouring inputs.
///
/// Resampling steps that follow each other along an axis (upsample, crop, upsample again) compose into one, so the
/// values between them are never computed: output `i` = Σ_k `weights[i, k]` · input[`starts[i]` + k].
package struct AxisInterpolationWeights: Sendable {
  /// Length of the axis before.
  package let inputCount: Int
  /// Length of the axis after.
  package let outputCount: Int
  /// Number of neighbours that each output has; those that it does not need have weight 0.
  package let weightsPerOutput: Int
  /// First neighbour of each output, never decreasing; `start + weightsPerOutput <= inputCount`.
  package let starts: Constant<Int32>
  /// Axes (output, neighbour); for bilinear steps not negative and with sum 1.
  package let weights: Constant<Float>

  /// One output's neighbours, before all outputs are given the same number of them.
  private struct Neighbors {
    var start: Int
    var weights: [Double]
  }

  private init(inputCount: Int, outputs: [Neighbors]) {
    let weightsPerOutput = outputs.reduce(1) { max($0, $1.weights.count) }
    let starts = outputs.map { min($0.start, inputCount - weightsPerOutput) }
    self.inputCount = inputCount
    self.outputCount = outputs.count
    self.weightsPerOutput = weightsPerOutput
    self.starts = Constant(starts.map { Int32(clamping: $0) })
    self.weights = Constant(count: outputs.count * weightsPerOutput) { weights in
      for (output, neighbors) in outputs.enumerated() {
        let shift = neighbors.start - starts[output]
        for (index, weight) in neighbors.weights.enumerated() {
          weights[output * weightsPerOutput + shift + index] = Float(weight)
        }
      }
    }
  }

  /// Leaves an axis of `count` values as it is.
  package static func identity(_ count: Int) -> AxisInterpolationWeights {
    AxisInterpolationWeights(inputCount: count, outputs: (0..<count).map { Neighbors(start: $0, weights: [1]) })
  }

  /// PyTorch's bilinear interpolation of one axis with `align_corners=False`.
  ///
  /// The centre of output `i` lies at `(i + 0.5) · inputs / outputs - 0.5`, clamped at both ends; in fp32, as PyTorch
  /// computes it, so that the weights agree to the last bit.
  /// - Precondition: both lengths are positive.
  package static func bilinear(from inputs: Int, to outputs: Int) -> AxisInterpolationWeights {
    precondition(inputs > 0 && outputs > 0, "an axis has a length")
    guard inputs != outputs else { return identity(inputs) }
    let scale = Float(inputs) / Float(outputs)
    let outputs = (0..<outputs).map { output in
      let center = max(scale * (Float(output) + 0.5) - 0.5, 0)
      let start = min(Int(center), inputs - 1)
      let weight = min(max(center - Float(start), 0), 1)
      guard start + 1 < inputs else { return Neighbors(start: start, weights: [1]) }
      return Neighbors(start: start, weights: [Double(1 - weight), Double(weight)])
    }
    return AxisInterpolationWeights(inputCount: inputs, outputs: outputs)
  }

  /// Only the outputs in `range`.
  /// - Precondition: `range` lies within `0..<outputCount`.
  package func cropped(to range: Range<Int>) -> AxisInterpolationWeights {
    precondition(range.lowerBound >= 0 && range.upperBound <= outputCount, "a crop lies within its axis")
    return AxisInterpolationWeights(inputCount: inputCount, outputs: range.map(neighbors(of:)))
  }

  /// This step and then `next`, in one.
  /// - Precondition: `next` takes as many inputs as this step has outputs.
  package func followed(by next: AxisInterpolationWeights) -> AxisInterpolationWeights {
    precondition(next.inputCount == outputCount, "the second step starts where the first ends")
    let outputs = (0..<next.outputCount).map { output in
      let outer = next.neighbors(of: output)
      let inner = outer.weights.indices.map { neighbors(of: outer.start + $0) }
      let start = inner.map { $0.start }.min() ?? 0
      let end = inner.map { $0.start + $0.weights.count }.max() ?? start
      var sum = Neighbors(start: start, weights: Array(repeating: 0, count: end - start))
      for (weight, neighbors) in zip(outer.weights, inner) {
        for (index, innerWeight) in neighbors.weights.enumerated() {
          sum.weights[neighbors.start - start + index] += weight * innerWeight
        }
      }
      return sum
    }
    return AxisInterpolationWeights(inputCount: inputCount, outputs: outputs)
  }

  /// The neighbours of an output without those of weight 0 at either end.
  private func neighbors(of output: Int) -> Neighbors {
    let all = (0..<weightsPerOutput).map { Double(weights.pointer[output * weightsPerOutput + $0]) }
    let start = Int(starts.pointer[output])
    guard let first = all.firstIndex(where: { $0 != 0 }), let last = all.lastIndex(where: { $0 != 0 }) else {
      return Neighbors(start: start, weights: [0])
    }
    return Neighbors(start: start + first, weights: Array(all[first...last]))
  }

  /// The outputs that look at any of `inputs`.
  package func outputs(lookingAt inputs: Range<Int>) -> Range<Int> {
    guard !inputs.isEmpty else { return 0..<0 }
    let lower = firstOutput { $0 + weightsPerOutput > inputs.lowerBound }
    let upper = firstOutput { $0 >= inputs.upperBound }
    return lower..<max(lower, upper)
  }

  /// The inputs that any of `outputs` looks at.
  package func inputs(of outputs: Range<Int>) -> Range<Int> {
    guard !outputs.isEmpty else { return 0..<0 }
    return Int(starts.pointer[outputs.lowerBound])..<Int(starts.pointer[outputs.upperBound - 1]) + weightsPerOutput
  }

  /// The first output whose start fulfils a condition that stays fulfilled as starts grow.
  private func firstOutput(_ condition: (Int) -> Bool) -> Int {
    var low = 0
    var high = outputCount
    while low < high {
      let middle = (low + high) / 2
      if condition(Int(starts.pointer[middle])) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
