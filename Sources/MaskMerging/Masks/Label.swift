/// The name of a class of a human-parsing model, such as "UpperClothes".
///
/// Two labels are equal when their names differ only in case, `-`, `_` and spaces: "Left-arm", "leftArm" and
/// "LEFT ARM" are one label.
public struct Label: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// As in the model's list of classes.
  public let name: String
  /// What equality looks at.
  private let key: String

  /// A label of the given name.
  public init(_ name: String) {
    self.name = name
    key = name.lowercased().filter { !"-_ ".contains($0) }
  }

  /// A label of the given name.
  public init(stringLiteral name: String) { self.init(name) }

  /// The name.
  public var description: String { name }

  /// The name in lower camel case and of letters and digits only, of any script, such as `upperClothes` or `头发`; "label"
  /// where nothing of the name remains. The same for equal labels of the classes below.
  public var fileName: String {
    if let known = Label.known[key] { return known }
    let words = name.split { !($0.isLetter || $0.isNumber) }
    guard let first = words.first else { return "label" }
    let joined = words.dropFirst().reduce(lowercasedInitial(first)) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
    return Label.shortened(joined)
  }

  /// File names of several labels: those of ``fileName``, with a number behind a name that an earlier label has.
  public static func distinctFileNames(of labels: [Label]) -> [String] {
    var counts: [String: Int] = [:]
    var taken = Set(labels.map { $0.fileName.lowercased() })
    return labels.map { label in
      let name = label.fileName
      let key = name.lowercased()
      guard counts[key] != nil else {
        counts[key] = 1
        return name
      }
      var number = counts[key, default: 1]
      repeat { number += 1 } while taken.contains("\(key)\(number)")
      counts[key] = number
      taken.insert("\(key)\(number)")
      return "\(name)\(number)"
    }
  }

  /// File systems take names of 255 bytes, and an extension and a number have to fit in too.
  private static func shortened(_ name: String) -> String {
    var name = name
    while name.utf8.count > 200 { name.removeLast() }
    return name
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
  /// Whether the names differ only in case, `-`, `_` and spaces.
  public static func == (first: Label, second: Label) -> Bool { first.key == second.key }

  /// Hashes what equality looks at.
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// The classes of the CIHP and LIP data sets, named as ModelScope's configurations name them.
extension Label {
  /// Everything that is no part of a person.
  public static let background: Label = "Background"
  /// Hats, caps and hoods.
  public static let hat: Label = "Hat"
  /// Hair of the head.
  public static let hair: Label = "Hair"
  /// Gloves.
  public static let glove: Label = "Glove"
  /// Sunglasses and glasses.
  public static let sunglasses: Label = "Sunglasses"
  /// Shirts and sweaters.
  public static let upperClothes: Label = "UpperClothes"
  /// Dresses.
  public static let dress: Label = "Dress"
  /// Coats and jackets.
  public static let coat: Label = "Coat"
  /// Socks and stockings.
  public static let socks: Label = "Socks"
  /// Trousers and shorts.
  public static let pants: Label = "Pants"
  /// CIHP only.
  public static let torsoSkin: Label = "Torso-skin"
  /// Scarves.
  public static let scarf: Label = "Scarf"
  /// Skirts.
  public static let skirt: Label = "Skirt"
  /// The face.
  public static let face: Label = "Face"
  /// The person's left arm.
  public static let leftArm: Label = "Left-arm"
  /// The person's right arm.
  public static let rightArm: Label = "Right-arm"
  /// The person's left leg.
  public static let leftLeg: Label = "Left-leg"
  /// The person's right leg.
  public static let rightLeg: Label = "Right-leg"
  /// The shoe of the left foot.
  public static let leftShoe: Label = "Left-shoe"
  /// The shoe of the right foot.
  public static let rightShoe: Label = "Right-shoe"
  /// LIP only.
  public static let jumpsuits: Label = "Jumpsuits"
  /// A whole person; CIHP only.
  public static let human: Label = "Human"
}
