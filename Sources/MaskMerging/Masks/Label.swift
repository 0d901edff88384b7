/// The name of a class of a human-parsing model, such as "UpperClothes".
///
/// Two labels are equal when their names differ only in case, `-`, `_` and spaces: "Left-arm", "leftArm" and
/// "LEFT ARM" are one label.
public struct Label: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// As in the model's list of classes.
  public let name: String
  /// What equality looks at.
  private let key: String

  public init(_ name: String) {
    self.name = name
    key = name.lowercased().filter { !"-_ ".contains($0) }
  }

  public init(stringLiteral name: String) { self.init(name) }

  public var description: String { name }

  /// The name in lower camel case and of ASCII letters and digits only, such as `upperClothes`; "label" where nothing
  /// of the name remains. The same for equal labels of the classes below.
  public var fileName: String {
    if let known = Label.known[key] { return known }
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    guard let first = words.first else { return "label" }
    return words.dropFirst().reduce(lowercasedInitial(first)) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
  }

  private func lowercasedInitial(_ word: Substring) -> String { word.prefix(1).lowercased() + word.dropFirst() }

  private static let known = [String: String](
    uniqueKeysWithValues: [
      background, hat, hair, glove, sunglasses, upperClothes, dress, coat, socks, pants, torsoSkin, scarf, skirt, face,
      leftArm, rightArm, leftLeg, rightLeg, leftShoe, rightShoe, jumpsuits, human,
    ].map { label in
      let words = label.name.split(separator: "-")
      let tail = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
      return (label.key, label.lowercasedInitial(words[0]) + tail.joined())
    })
}

extension Label: Hashable {
  public static func == (first: Label, second: Label) -> Bool { first.key == second.key }

  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// The classes of the CIHP and LIP data sets, named as ModelScope's configurations name them.
extension Label {
  public static let background: Label = "Background"
  public static let hat: Label = "Hat"
  public static let hair: Label = "Hair"
  public static let glove: Label = "Glove"
  public static let sunglasses: Label = "Sunglasses"
  public static let upperClothes: Label = "UpperClothes"
  public static let dress: Label = "Dress"
  public static let coat: Label = "Coat"
  public static let socks: Label = "Socks"
  public static let pants: Label = "Pants"
  /// CIHP only.
  public static let torsoSkin: Label = "Torso-skin"
  public static let scarf: Label = "Scarf"
  public static let skirt: Label = "Skirt"
  public static let face: Label = "Face"
  public static let leftArm: Label = "Left-arm"
  public static let rightArm: Label = "Right-arm"
  public static let leftLeg: Label = "Left-leg"
  public static let rightLeg: Label = "Right-leg"
  public static let leftShoe: Label = "Left-shoe"
  public static let rightShoe: Label = "Right-shoe"
  /// LIP only.
  public static let jumpsuits: Label = "Jumpsuits"
  /// A whole person; CIHP only.
  public static let human: Label = "Human"
}
