/// How masks of a shot are smoothed over time.
public enum TemporalSmoothing: String, Sendable, Hashable, CaseIterable {
  /// Each frame's masks are the network's own.
  case off
  /// Each frame is smoothed with the frame before and the one after.
  case light
  /// Each frame is smoothed with three frames before and three after.
  case full

  /// Frames before and after that a frame is smoothed with.
  package var reach: Int { SmoothingParameters(self).reach }
}

/// The figures of a smoothing.
package struct SmoothingParameters: Sendable, Hashable {
  /// Frames before and after that a frame is smoothed with.
  package var reach: Int
  /// Weight of the frames next to a frame, as much as its own is 1, and the factor for each frame further away.
  package var weight: Float = 0.6
  package var decay: Float = 0.75
  /// Difference of brightness, 0 to 255, at which a neighbor counts half.
  package var tolerance: Float = 12
  /// What is added to the logit for "nothing" of what only one frame shows.
  package var lonelyPenalty: Float = 2

  package init(reach: Int) { self.reach = reach }

  package init(_ smoothing: TemporalSmoothing) {
    switch smoothing {
    case .off: self.init(reach: 0)
    case .light: self.init(reach: 1)
    case .full: self.init(reach: 3)
    }
  }
}
