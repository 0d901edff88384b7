import TensorKernels

/// Measures the stages of one pass.
final class StageTimer {
  private let clock = ContinuousClock()
  private var first: ContinuousClock.Instant
  private var last: ContinuousClock.Instant
  /// Seconds of each stage, in order.
  private(set) var stages: [(name: String, seconds: Double)] = []
  private(set) var total = 0.0

  init() {
    first = clock.now
    last = first
  }

  /// Starts the measurement of a pass.
  func start() {
    first = clock.now
    last = first
    stages.removeAll(keepingCapacity: true)
  }

  /// A `ForwardHook`. The pixel decoder's levels end with its mask features; all decoder layers are one stage.
  func observe(_ stage: String, _ value: FeatureView) {
    let now = clock.now
    if let part = Self.part(of: stage) { stages.append((part, (now - last) / .seconds(1))) }
    if !stage.hasPrefix("layer") { last = now }
  }

  func finish() { total = (clock.now - first) / .seconds(1) }

  private static func part(of stage: String) -> String? {
    switch stage {
    case "mask_features": "pixel decoder"
    case "pred_logits": "transformer decoder"
    case "pred_masks": "masks"
    case _ where stage.hasPrefix("res") || stage == "stem": stage
    default: nil
    }
  }
}
