/// How hard a PNG writer tries; every choice is lossless.
public enum PNGCompression: Sendable, Hashable, CaseIterable {
  /// For pictures that are looked at once, such as a service's answers.
  case fast
  /// A sensible mean.
  case balanced
  /// Some times slower than `balanced`, for a file that is some percent smaller.
  case small

  var level: Int32 {
    switch self {
    case .fast: 1
    case .balanced: 4
    case .small: 6
    }
  }
}
