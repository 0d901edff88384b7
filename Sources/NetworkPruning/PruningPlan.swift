import M2FP

/// Choice of the channels that each prunable layer keeps.
///
/// A channel's importance is what it contributes to the variance of the layer that reads it: Σ var(x) · |w|² over the
/// elements of the kernel (after Wanda, arXiv 2306.11695, and ThiNet, arXiv 1707.06342). Channels leave in groups, so that the
/// rest fill vectors; next is always the group that contributes the smallest share for each multiply-add that it saves.
package struct PruningPlan {
  /// Channels that are kept by layer name, ascending; layers that keep all are absent.
  private(set) var kept: [String: [Int]] = [:]

  /// Number of channels to a group.
  package static let groupSize = 8
  /// Least share of its channels that a layer keeps.
  private static let smallestShare = 0.25
  /// Size of the picture that operations are counted for; all but the queries' grow with it alike.
  private static let size = 512

  /// A layer that can be pruned, and the channels that leave first.
  private struct Candidate {
    let layer: LayerDescription
    let reader: LayerDescription
    /// Channels, the least important first.
    let order: [Int]
    /// Importance of the channels in that order, as shares of all.
    let shares: [Double]
    var width: Int

    /// The width after the next group has left; `nil` if no more may.
    var nextWidth: Int? {
      let width = (self.width - 1) / PruningPlan.groupSize * PruningPlan.groupSize
      return Double(width) >= Double(order.count) * PruningPlan.smallestShare && width > 0 ? width : nil
    }

    /// The share of importance that is lost between two widths.
    func loss(from width: Int, to next: Int) -> Double {
      shares[order.count - width..<order.count - next].reduce(0, +)
    }
  }

  /// - Parameters:
  ///   - description: The network.
  ///   - weights: Weights of the layers that read what can be pruned, in the order of rows, by name.
  ///   - statistics: Covariances of the inputs of those layers.
  ///   - backbone: Share of the backbone's multiply-adds to save.
  ///   - feedForward: Share of those of the pixel decoder's feed-forward networks to save.
  init(
    _ description: NetworkDescription, weights: [String: [Float]], _ statistics: ChannelStatistics,
    backbone: Double, feedForward: Double
  ) {
    let candidates = description.prunableLayers.compactMap { layer, reader -> Candidate? in
      guard let weight = weights[reader.name], let covariance = statistics.covariances[reader.name] else { return nil }
      return Self.candidate(layer, reader, weight, covariance)
    }
    let isBackbone: (LayerDescription) -> Bool = { $0.name.hasPrefix("backbone.") }
    prune(candidates.filter { isBackbone($0.layer) }, of: description.layers.filter(isBackbone), share: backbone)
    let networks = candidates.filter { !isBackbone($0.layer) }
    prune(networks, of: networks.flatMap { [$0.layer, $0.reader] }, share: feedForward)
  }

  private static func candidate(
    _ layer: LayerDescription, _ reader: LayerDescription, _ weight: [Float], _ covariance: Covariance
  ) -> Candidate {
    var importance = [Double](repeating: 0, count: layer.outputs)
    for index in 0..<reader.depth {
      let norm = (0..<reader.outputs).reduce(0.0) {
        let value = Double(weight[$1 * reader.depth + index])
        return $0 + value * value
      }
      importance[index % layer.outputs] += covariance.variance(index) * norm
    }
    let order = importance.indices.sorted { (importance[$0], $0) < (importance[$1], $1) }
    let total = max(importance.reduce(0, +), .leastNormalMagnitude)
    return Candidate(
      layer: layer, reader: reader, order: order, shares: order.map { importance[$0] / total }, width: layer.outputs)
  }

  /// Lets groups leave until the share of the layers' multiply-adds is saved, or no more may leave.
  private mutating func prune(_ candidates: [Candidate], of layers: [LayerDescription], share: Double) {
    guard share > 0 else { return }
    var candidates = candidates
    var widths: [String: Int] = [:]
    var cost = Self.multiplyAdds(layers, widths: widths)
    let limit = cost * (1 - share)
    while cost > limit {
      var best: (index: Int, width: Int, saved: Double, price: Double)?
      for (index, candidate) in candidates.enumerated() {
        guard let next = candidate.nextWidth else { continue }
        let pair = [candidate.layer, candidate.reader]
        let before = Self.multiplyAdds(pair, widths: widths)
        let saved = before - Self.multiplyAdds(pair, widths: widths.merging([candidate.layer.name: next]) { $1 })
        let price = candidate.loss(from: candidate.width, to: next) / saved
        if best.map({ price < $0.price }) ?? true { best = (index, next, saved, price) }
      }
      guard let best else { break }
      candidates[best.index].width = best.width
      widths[candidates[best.index].layer.name] = best.width
      cost -= best.saved
    }
    for candidate in candidates where candidate.width < candidate.order.count {
      kept[candidate.layer.name] = candidate.order.suffix(candidate.width).sorted()
    }
  }

  /// Multiply-adds of layers of which some are narrower than they are described; a layer's inputs are named like the
  /// layer that writes them.
  static func multiplyAdds(_ layers: [LayerDescription], widths: [String: Int] = [:]) -> Double {
    layers.reduce(0) { sum, layer in
      let rows = layer.output.rowCount(height: size, width: size)
      let inputs = widths[layer.input.name] ?? layer.inputs
      return sum + Double(rows * layer.taps * inputs) * Double(widths[layer.name] ?? layer.outputs)
    }
  }
}
