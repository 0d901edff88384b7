/// The color that each label is painted in.
public struct Palette: Sendable, Equatable {
  private let colors: [Label: RGBColor]

  /// A palette of the given colors.
  public init(_ colors: [Label: RGBColor]) { self.colors = colors }

  /// Reads a table of label and color, the color as six hexadecimal digits.
  ///
  /// - Throws: `invalidColor` for a color that is written otherwise, naming its label.
  public init(hex colors: [Label: String]) throws {
    var table: [Label: RGBColor] = [:]
    for (label, hex) in colors {
      do {
        table[label] = try RGBColor(hex: hex)
      } catch {
        throw MaskMergingError(.invalidColor, "the color of \(label): \(error)", cause: error)
      }
    }
    self.init(table)
  }

  /// The color of `label`; nil where the palette has none.
  public subscript(label: Label) -> RGBColor? { colors[label] }

  /// The color of `label`.
  ///
  /// - Throws: `unknownLabel` where the palette has none.
  public func color(of label: Label) throws -> RGBColor {
    guard let color = colors[label] else {
      throw MaskMergingError(.unknownLabel, "the palette has no color for the label \"\(label)\"")
    }
    return color
  }

  /// The labels that have a color, by name.
  public var labels: [Label] { colors.keys.sorted { $0.name < $1.name } }

  /// A color for each of a model's classes in turn; a class that the palette does not know gets the one that the
  /// PASCAL VOC color map has for its index.
  public func colors(of classes: [Label]) -> [RGBColor] {
    classes.enumerated().map { colors[$0.element] ?? .pascalVOC($0.offset) }
  }
}

extension Palette {
  /// The package's own palette, in the families that compositors pull apart by channel.
  ///
  /// | family | colors |
  /// |---|---|
  /// | red: hair and what covers it | hair `#ff0000`, hat `#990000` |
  /// | green: upper clothes | upper clothes `#00ff00`, coat `#009900`, dress `#66cc00`, jumpsuits `#00cc66`, scarf `#99ff99` |
  /// | blue: lower clothes | pants `#0000ff`, skirt `#3399ff`, socks `#000099`, left shoe `#6666cc`, right shoe `#9999ff` |
  /// | yellow: face | face `#ffff00`, sunglasses `#999900`, torso skin `#ffe699` |
  /// | white: arms and legs | arms and legs `#ffffff`, gloves `#cccccc` |
  /// | black | background `#000000` |
  /// | gray | human (a person as a whole) `#808080` |
  public static let film = Palette([
    .hair: RGBColor(0xff_00_00), .hat: RGBColor(0x99_00_00),
    .upperClothes: RGBColor(0x00_ff_00), .coat: RGBColor(0x00_99_00), .dress: RGBColor(0x66_cc_00),
    .jumpsuits: RGBColor(0x00_cc_66), .scarf: RGBColor(0x99_ff_99),
    .pants: RGBColor(0x00_00_ff), .skirt: RGBColor(0x33_99_ff), .socks: RGBColor(0x00_00_99),
    .leftShoe: RGBColor(0x66_66_cc), .rightShoe: RGBColor(0x99_99_ff),
    .face: RGBColor(0xff_ff_00), .sunglasses: RGBColor(0x99_99_00), .torsoSkin: RGBColor(0xff_e6_99),
    .leftArm: RGBColor(0xff_ff_ff), .rightArm: RGBColor(0xff_ff_ff), .leftLeg: RGBColor(0xff_ff_ff),
    .rightLeg: RGBColor(0xff_ff_ff), .glove: RGBColor(0xcc_cc_cc),
    .background: .black, .human: RGBColor(0x80_80_80),
  ])

  /// The usual colors of LIP and CIHP: the PASCAL VOC color map by class index.
  ///
  /// | label | color | label | color | label | color |
  /// |---|---|---|---|---|---|
  /// | background | `#000000` | coat | `#808080` | left arm | `#408080` |
  /// | hat | `#800000` | socks | `#400000` | right arm | `#c08080` |
  /// | hair | `#008000` | pants | `#c00000` | left leg | `#004000` |
  /// | glove | `#808000` | torso skin / jumpsuits | `#408000` | right leg | `#804000` |
  /// | sunglasses | `#000080` | scarf | `#c08000` | left shoe | `#00c000` |
  /// | upper clothes | `#800080` | skirt | `#400080` | right shoe | `#80c000` |
  /// | dress | `#008080` | face | `#c00080` | human | `#004080` |
  public static let lip = Palette(lipClasses.mapValues(RGBColor.pascalVOC))

  /// Class indices; CIHP and LIP differ in class 10 alone, and CIHP counts whole humans after the parts.
  private static let lipClasses: [Label: Int] = [
    .background: 0, .hat: 1, .hair: 2, .glove: 3, .sunglasses: 4, .upperClothes: 5, .dress: 6, .coat: 7, .socks: 8,
    .pants: 9, .torsoSkin: 10, .jumpsuits: 10, .scarf: 11, .skirt: 12, .face: 13, .leftArm: 14, .rightArm: 15,
    .leftLeg: 16, .rightLeg: 17, .leftShoe: 18, .rightShoe: 19, .human: 20,
  ]
}

extension RGBColor {
  /// The PASCAL VOC color map: the bits of the index, three by three, fill the channels from their highest bit down.
  static func pascalVOC(_ index: Int) -> RGBColor {
    var color = RGBColor.black
    for position in 0..<8 {
      let bits = UInt8(truncatingIfNeeded: index >> (3 * position))
      color.red |= (bits & 1) << (7 - position)
      color.green |= (bits >> 1 & 1) << (7 - position)
      color.blue |= (bits >> 2 & 1) << (7 - position)
    }
    return color
  }
}
