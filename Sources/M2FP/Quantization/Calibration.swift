import TensorCore
import TensorKernels

/// What a network's layers read while it looks at pictures: the ground on which ranges are chosen.
///
/// Passes may run at once and are added in the order of their pictures, so that the same pictures give the same numbers.
package struct Calibration: Sendable {
  /// Pictures that were seen.
  package private(set) var pictures = 0
  package private(set) var observations: [String: LayerObservation] = [:]
  private let layers: [String: LayerDescription]
  private let budget: RowBudget

  /// - Parameter pictures: How many are expected; decides how many rows are kept of each.
  package init(of configuration: Configuration, pictures: Int) {
    layers = Dictionary(uniqueKeysWithValues: NetworkDescription(configuration).quantizableLayers.map { ($0.name, $0) })
    budget = RowBudget(pictures: pictures)
  }

  /// An observer for the pass over a picture.
  package func pass(picture: Int) -> CalibrationObserver { CalibrationObserver(layers, picture: picture, budget) }

  /// Takes what a pass saw.
  package mutating func add(_ pass: CalibrationObserver) {
    pictures += 1
    for (name, seen) in pass.observations {
      let depth = layers[name]?.depth ?? 0
      observations[name, default: LayerObservation()].merge(seen, mostRows: budget.rows(depth: depth))
    }
  }
}
