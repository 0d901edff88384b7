/// A color of 8-bit sRGB.
public struct RGBColor: Sendable, Hashable, CustomStringConvertible {
  /// Red, 0 to 255.
  public var red: UInt8
  /// Green, 0 to 255.
  public var green: UInt8
  /// Blue, 0 to 255.
  public var blue: UInt8

  /// A color of three channels.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// Reads six hexadecimal digits, with or without `#` before them.
  ///
  /// - Throws: `invalidColor` for anything else.
  public init(hex: String) throws {
    let digits = hex.hasPrefix("#") ? hex.dropFirst() : hex[...]
    guard digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
      throw MaskMergingError(.invalidColor, "a color is six hexadecimal digits such as #ff8000, not \"\(hex)\"")
    }
    self.init(value)
  }

  /// 0xRRGGBB.
  init(_ value: UInt32) {
    red = UInt8(truncatingIfNeeded: value >> 16)
    green = UInt8(truncatingIfNeeded: value >> 8)
    blue = UInt8(truncatingIfNeeded: value)
  }

  /// `#rrggbb`.
  public var hex: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The color as ``hex``.
  public var description: String { hex }

  /// Black, `#000000`.
  public static let black = RGBColor(0)
}
