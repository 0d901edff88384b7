package import TensorCore
package import TensorKernels

/// Observes one forward pass: histograms and sampled rows of the inputs of the quantizable layers.
package final class CalibrationObserver: LayerObserver {
  /// Observations by layer name.
  private(set) var observations: [String: LayerObservation] = [:]
  private let layers: [String: LayerDescription]
  private let budget: RowBudget
  private let picture: Int

  /// - Parameter picture: Index of the image, which seeds the choice of the rows that are kept.
  init(_ layers: [String: LayerDescription], picture: Int, _ budget: RowBudget) {
    self.layers = layers
    self.picture = picture
    self.budget = budget
  }

  package func layer(_ name: String, willRead input: LayerInput) {
    guard layers[name] != nil else { return }
    observations[name, default: LayerObservation()].input.add(input.values)
    guard input.rows > 0 else { return }
    var generator = SplitMix64(layer: name, picture: picture)
    for _ in 0..<budget.rowsOfPicture(depth: input.depth) {
      let row = input.row(Int(generator.next() % UInt64(input.rows)))
      let rank = generator.next()
      if row.allSatisfy(\.isFinite) { observations[name]?.rows.append(.init(rank: rank, values: row)) }
    }
  }

  package func layer(_ name: String, didRead input: LayerInput, writing output: Matrix) {
    guard layers[name]?.quantizesOutput == true else { return }
    observations[name]?.output.add(output)
  }
}

extension SplitMix64 {
  /// Random numbers that depend on the layer and the image alone; the layer's name is hashed with FNV-1a.
  package init(layer: String, picture: Int) {
    let name: UInt64 = layer.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    self.init(seed: name ^ UInt64(truncatingIfNeeded: picture) &* 0x2545_f491_4f6c_dd1d)
  }
}
