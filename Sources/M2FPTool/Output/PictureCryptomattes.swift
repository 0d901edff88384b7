import EXRFiles
import HumanParsing
import MaskMerging

/// The people of a picture, and their parts, as Cryptomattes.
struct PictureCryptomattes {
  /// Number of each of the parsing's people; `nil` for those without one.
  let numbers: [Int?]
  /// Numbers of people that other frames may have, for the manifest.
  let others: [Int]
  /// Classes of the model.
  let classes: [Label]

  /// `CryptoPerson`, with ids of `person01` and on, and `CryptoPart`, with ids of `person01/hair` and on. Names are the same
  /// in every frame of a shot.
  ///
  /// - Parameter parsing: The mattes of the parsing, of which the edges are changed by `edges`.
  func callAsFunction(of mattes: ParsingMattes, edges: EdgeControls) throws -> [Cryptomatte] {
    let names = names
    var people: [(name: String, matte: Matte)] = []
    var parts: [(name: String, matte: Matte)] = []
    for (index, matte) in mattes.people().enumerated() { people.append((owner(index), matte)) }
    for (index, matte) in mattes.rests().enumerated() { parts.append(("\(owner(index))/\(Self.rest)", matte)) }
    for (part, matte) in mattes.parts() {
      let owner = part.person.map(owner) ?? Self.nobody
      if part.person == nil { people.append((owner, matte)) }
      parts.append(("\(owner)/\(names[part.label] ?? EXRName.layer(part.label.fileName))", matte))
    }
    let owners = others.map(Self.person) + [Self.nobody]
    let pixelCount = mattes.width * mattes.height
    let labels = classes.compactMap { names[$0] } + [Self.rest]
    return [
      Cryptomatte("CryptoPerson", try items(people, edges), others: owners, pixelCount: pixelCount),
      Cryptomatte(
        "CryptoPart", try items(parts, edges), others: owners.flatMap { owner in labels.map { "\(owner)/\($0)" } },
        pixelCount: pixelCount),
    ]
  }

  /// Whoever has no number in the shot, and parts that belong to nobody.
  private static let nobody = "unnumbered"
  /// What a person covers beside the parts.
  private static let rest = "other"

  private static func person(_ number: Int) -> String { "person\(number < 10 ? "0" : "")\(number)" }

  private func owner(_ index: Int) -> String { numbers[index].map(Self.person) ?? Self.nobody }

  /// Names of the parts.
  private var names: [Label: String] {
    let parts = classes.filter { $0 != .background && $0 != .human }
    let names = EXRName.layers(Label.distinctFileNames(of: parts))
    return Dictionary(zip(parts, names)) { first, _ in first }
  }

  /// Items of different names: mattes of one name are put together.
  private func items(_ mattes: [(name: String, matte: Matte)], _ edges: EdgeControls) throws -> [Cryptomatte.Item] {
    try Dictionary(grouping: mattes, by: \.name).sorted { $0.key < $1.key }.map { name, mattes in
      (name, try Matte.sum(mattes.map(\.matte)).adjusted(edges).values)
    }
  }
}
