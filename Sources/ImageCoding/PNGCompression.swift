/// How hard a PNG writer tries; every choice is lossless.
public enum PNGCompression: Sendable, Hashable, CaseIterable {
  /// For pictures that are looked at once, such as a service's answers.
  case fast
  /// A sensible mean.
  case balanced
  /// Some times slower than `balanced`, for a file that is some percent smaller.
  case small
  /// For pictures of a few flat colours, such as colour maps: the difference to the row above as runs of equal bytes.
  /// Faster than `fast` there, and files as small as those of `balanced`; photographs become large.
  case flat

  var level: Int32 {
    switch self {
    case .fast: 1
    case .balanced: 4
    case .small: 6
    // For runs alone, all levels but 0 are the same.
    case .flat: 1
    }
  }
}
