/// Whether people whom the network sees too small are looked at a second time, each in a crop of the picture.
///
/// The network sees a picture at a fixed size. In a large picture of several people that leaves few pixels to each; in a
/// crop round one of them it has as many as for a portrait.
public enum Detail: String, Sendable, Hashable, CaseIterable {
  /// The picture as a whole is parsed, once.
  case off
  /// A second look at people of whom a crop shows the network at least twice the resolution.
  case auto
  /// A second look at people of whom a crop shows the network at least 1.25 times the resolution.
  case high

  /// Least ratio of the resolutions that a crop and the whole picture are seen at; `nil` for no second look.
  var leastGain: Double? {
    switch self {
    case .off: nil
    case .auto: 2
    case .high: 1.25
    }
  }
}
