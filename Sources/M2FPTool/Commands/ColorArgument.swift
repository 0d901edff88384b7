import ArgumentParser
package import MaskMerging

/// A color with opacity as the value of an option.
package struct ColorArgument: Equatable, ExpressibleByArgument {
  package var color: RGBColor
  /// Opacity, 0 to 255.
  package var opacity: UInt8

  /// The color that three, six or eight hexadecimal digits denote, the last two of eight the opacity. A `#` before them is
  /// optional, because shells may treat it as the start of a comment.
  package init?(argument: String) {
    var digits = argument.hasPrefix("#") ? String(argument.dropFirst()) : argument
    if digits.count == 3 { digits = digits.map { "\($0)\($0)" }.joined() }
    if digits.count == 6 { digits += "ff" }
    guard digits.utf8.count == 8, let color = try? RGBColor(hex: String(digits.prefix(6))),
      let opacity = UInt8(digits.suffix(2), radix: 16), digits.allSatisfy(\.isHexDigit)
    else { return nil }
    (self.color, self.opacity) = (color, opacity)
  }

  /// The color at the start of a list of words, and the remaining words. Three or four numbers from 0 to 255 are red,
  /// green, blue and opacity, as in rembg; otherwise the first word consists of hexadecimal digits.
  package static func first(of words: [String]) -> (color: ColorArgument, rest: [String])? {
    let numbers = words.prefix(4).prefix { Int($0) != nil }
    if numbers.count >= 3 {
      let values = numbers.compactMap { UInt8($0) }
      guard values.count == numbers.count else { return nil }
      let color = RGBColor(red: values[0], green: values[1], blue: values[2])
      return (ColorArgument(color: color, opacity: values.count == 4 ? values[3] : 255), Array(words[values.count...]))
    }
    guard let word = words.first, let color = ColorArgument(argument: word) else { return nil }
    return (color, Array(words.dropFirst()))
  }

  private init(color: RGBColor, opacity: UInt8) {
    (self.color, self.opacity) = (color, opacity)
  }
}
