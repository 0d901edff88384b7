import Platform

/// The curve of sRGB (IEC 61966-2-1) between linear light and values for a display, both 0 to 1.
extension Float {
  /// The value for linear light.
  package var sRGBEncoded: Float { self <= 0.003_130_8 ? self * 12.92 : 1.055 * .pow(self, 1 / 2.4) - 0.055 }

  /// The linear light of a value.
  package var sRGBLinear: Float { self <= 0.040_45 ? self / 12.92 : .pow((self + 0.055) / 1.055, 2.4) }
}
