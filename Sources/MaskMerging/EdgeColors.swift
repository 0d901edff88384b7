/// Which colours the semi-transparent pixels of a layer have.
public enum EdgeColors: Sendable, Hashable {
  /// Those of the foreground alone, estimated from what surrounds them, so that no rim of the old background is seen over
  /// a new one: blurred foreground estimation in two passes (Forte, "Approximate Fast Foreground Colour Estimation",
  /// ICIP 2021).
  case foreground
  /// The photograph's own, in which its background shows.
  case photograph
}
