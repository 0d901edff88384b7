import ImageCoding
import Platform

/// How a network is shown a scene-linear picture: an exposure, and a curve to the values of a display. Nothing else depends
/// on it.
package struct PlateView: Sendable, Equatable {
  /// A curve from scene-linear values, of which 1 is diffuse white, to those of a display.
  package enum Curve: String, Sendable, CaseIterable {
    /// IEC 61966-2-1, as photographs have it.
    case srgb
    /// ITU-R BT.709, opto-electronic transfer.
    case rec709
    /// A curve with a shoulder, for plates with bright lights: Narkowicz's fit of the ACES tone scale (2015), and sRGB.
    case filmic

    /// The display's value for a scene-linear one that is not negative; 0 to 1.
    func callAsFunction(_ linear: Double) -> Double {
      switch self {
      case .srgb: Self.gamma(min(linear, 1))
      case .rec709: linear < 0.018 ? 4.5 * linear : 1.099 * Double.pow(min(linear, 1), 0.45) - 0.099
      case .filmic:
        Self.gamma(min(max(linear * (2.51 * linear + 0.03) / (linear * (2.43 * linear + 0.59) + 0.14), 0), 1))
      }
    }

    private static func gamma(_ linear: Double) -> Double {
      linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * Double.pow(linear, 1 / 2.4) - 0.055
    }
  }

  /// Stops: light is multiplied by 2 to this power.
  package var exposure: Float
  package var curve: Curve
  /// Layer or part to look at; `nil` for the unnamed channels, or the first layer.
  package var layer: String?

  package init(exposure: Float = 0, curve: Curve = .srgb, layer: String? = nil) {
    (self.exposure, self.curve, self.layer) = (exposure, curve, layer)
  }

  /// The display's value, 0 to 255, for each of the 65,536 half-precision numbers; 0 for negative ones and for no number.
  func table() -> [UInt8] {
    let gain = Double.pow(2, Double(exposure))
    return (0..<65_536).map { bits in
      let value = Double(halfValue(UInt16(bits)))
      guard value > 0 else { return 0 }
      return UInt8(min(max(curve(min(value * gain, 1e9)) * 255, 0), 255) + 0.5)
    }
  }
}
