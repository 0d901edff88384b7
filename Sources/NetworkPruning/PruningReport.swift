import M2FP

/// Report of a pruning, as `m2fp prune` prints it.
package struct PruningReport: Encodable, Sendable {
  /// A layer that lost outputs.
  package struct Layer: Encodable, Sendable {
    package var name: String
    /// Outputs before and after.
    package var channels: Int
    package var kept: Int
    /// Share of the variance of the next layer's result that is lost with the fit, and without it; `nil` where the fit
    /// failed.
    package var loss: Double?
    package var lossWithoutFit: Double?

    private enum CodingKeys: String, CodingKey {
      case name, channels, kept, loss
      case lossWithoutFit = "loss_without_fit"
    }

    init(name: String, channels: Int, kept: Int, loss: LeastSquares.Loss?) {
      self.name = name
      self.channels = channels
      self.kept = kept
      guard let loss, loss.variance > 0 else { return }
      self.loss = loss.fitted / loss.variance
      lossWithoutFit = loss.unfitted / loss.variance
    }
  }

  /// Shares of multiply-adds that were saved.
  package struct Savings: Encodable, Sendable {
    /// Share of the backbone's.
    package var backbone: Double
    /// Share of those of all layers with weights, for a picture of 512 × 512 pixels.
    package var all: Double

    init(_ before: WeightsFile, _ after: WeightsFile) {
      func saved(_ isCounted: (LayerDescription) -> Bool) -> Double {
        let costs = [before, after].map { PruningPlan.multiplyAdds($0.description.layers.filter(isCounted)) }
        return 1 - costs[1] / costs[0]
      }
      backbone = saved { $0.name.hasPrefix("backbone.") }
      all = saved { _ in true }
    }
  }

  /// Names of the files.
  package var source: String
  package var output: String
  /// Pictures that channels were chosen by.
  package var pictures: Int
  /// Whether the layers that read what left were fitted again.
  package var isFitted: Bool
  package var layers: [Layer]
  package var multiplyAdds: Savings
  /// Numbers of parameters before and after.
  package var parameters: [Int]
  /// Pictures that the networks were compared on.
  package var comparedPictures: Int
  /// Share of the pixels of people that have the same class in both networks' label maps; `nil` where none were compared.
  package var agreement: Double?

  private enum CodingKeys: String, CodingKey {
    case source, output, pictures, layers, parameters, agreement
    case isFitted = "fitted"
    case multiplyAdds = "saved"
    case comparedPictures = "compared_pictures"
  }
}
