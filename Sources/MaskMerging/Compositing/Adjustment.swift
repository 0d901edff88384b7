import ImageCoding
import Platform

/// A change of a part's look. Colours are red, green and blue of sRGB, 0 to 1.
public struct Adjustment: Sendable {
  enum Kind: Sendable {
    case pixels(@Sendable (SIMD3<Float>) -> SIMD3<Float>)
    case blur(Float)
  }

  let kind: Kind

  /// Any change of colors, pixel by pixel; results outside of 0 to 1 are cut off, and NaN becomes 0.
  public static func pixels(_ change: @escaping @Sendable (SIMD3<Float>) -> SIMD3<Float>) -> Adjustment {
    Adjustment(kind: .pixels(change))
  }

  /// Light multiplied by 2 to the power of `stops`, −20 to 20, in linear light.
  ///
  /// - Throws: `invalidOption` for other values.
  public static func exposure(stops: Float) throws -> Adjustment {
    guard abs(stops) <= 20 else {
      throw MaskMergingError(.invalidOption, "an exposure is -20 to 20 stops, not \(stops)")
    }
    let factor = Float.exp2(stops)
    return .pixels { color in
      var result = color
      for channel in 0..<3 { result[channel] = min(color[channel].sRGBLinear * factor, 1).sRGBEncoded }
      return result
    }
  }

  /// Moves the hue to that of `color` and keeps the brightness: luma · color / luma of color.
  ///
  /// - Parameters:
  ///   - color: The hue to take.
  ///   - strength: 0 for no change, 1 for the hue of `color` alone.
  /// - Throws: `invalidOption` for a strength outside of 0 to 1.
  public static func tint(_ color: RGBColor, strength: Float = 1) throws -> Adjustment {
    try check(strength)
    let target = SIMD3(Float(color.red), Float(color.green), Float(color.blue)) / 255
    // Black has no hue: it darkens to black.
    let hue = luma(target) > 0 ? target / luma(target) : target
    return .pixels { mix($0, hue * luma($0), strength) }
  }

  /// Takes color away: 1 leaves gray of the same luma.
  ///
  /// - Throws: `invalidOption` for an amount outside of 0 to 1.
  public static func desaturate(_ amount: Float = 1) throws -> Adjustment {
    try check(amount)
    return .pixels { mix($0, SIMD3(repeating: luma($0)), amount) }
  }

  /// A look of polished metal: gray with a cold cast, steep in the middle, and with bands of light and dark over the
  /// brightness, as curved metal mirrors its surroundings.
  ///
  /// - Throws: `invalidOption` for an amount outside of 0 to 1.
  public static func metallic(_ amount: Float = 1) throws -> Adjustment {
    try check(amount)
    return .pixels { color in
      let level = min(max(luma(color), 0), 1)
      let steep = level * level * (3 - 2 * level)
      // No band at black and at white.
      let band = 0.6 * level * (1 - level) * .sin(4 * Float.pi * level)
      return mix(color, SIMD3(0.95, 0.98, 1) * min(max(steep + band, 0), 1), amount)
    }
  }

  /// A Gaussian blur of what the matte covers; what lies beside it is not spread into it.
  ///
  /// - Parameter deviation: Standard deviation in pixels, 0 to 256.
  /// - Throws: `invalidOption` for other values.
  public static func blur(_ deviation: Float) throws -> Adjustment {
    try GaussianBlur.check(deviation)
    return Adjustment(kind: .blur(deviation))
  }

  private static func check(_ amount: Float) throws {
    guard (0...1).contains(amount) else {
      throw MaskMergingError(.invalidOption, "the amount of an adjustment is 0 to 1, not \(amount)")
    }
  }
}

/// Luma of Rec. 709.
private func luma(_ color: SIMD3<Float>) -> Float { 0.2126 * color.x + 0.7152 * color.y + 0.0722 * color.z }

private func mix(_ first: SIMD3<Float>, _ second: SIMD3<Float>, _ share: Float) -> SIMD3<Float> {
  first + (second - first) * share
}
