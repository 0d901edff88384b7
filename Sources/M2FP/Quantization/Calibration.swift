import TensorCore
import TensorKernels

/// Statistics of the inputs of a network's layers over the calibration images, from which quantization ranges are
/// chosen.
///
/// Passes may run at the same time. They are added in the order of their images, so that the same images always give
/// the same statistics.
package struct Calibration: Sendable {
  /// Number of images that were added.
  package private(set) var pictures = 0
  package private(set) var observations: [String: LayerObservation] = [:]
  private let layers: [String: LayerDescription]
  private let budget: RowBudget

  /// - Parameter pictures: Expected number of images, which determines how many rows are kept of each.
  package init(of configuration: Configuration, pictures: Int) {
    layers = Dictionary(uniqueKeysWithValues: NetworkDescription(configuration).quantizableLayers.map { ($0.name, $0) })
    budget = RowBudget(pictures: pictures)
  }

  /// An observer for the pass over one image.
  package func pass(picture: Int) -> CalibrationObserver { CalibrationObserver(layers, picture: picture, budget) }

  /// Adds the observations of a pass.
  package mutating func add(_ pass: CalibrationObserver) {
    pictures += 1
    for (name, seen) in pass.observations {
      let depth = layers[name]?.depth ?? 0
      observations[name, default: LayerObservation()].merge(seen, mostRows: budget.rows(depth: depth))
    }
  }
}
