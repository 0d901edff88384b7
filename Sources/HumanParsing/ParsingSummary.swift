public import Foundation
public import MaskMerging

/// Summary of a parsing, as `photo.json` holds it.
public struct ParsingSummary: Sendable, Hashable, Codable {
  /// A person of the picture.
  public struct Person: Sendable, Hashable, Codable {
    /// 1 for the most confident person; files such as `p01.png` are numbered alike.
    public var number: Int
    /// Score of the person, 0 to 1.
    public var score: Float
    /// The smallest rectangle that holds the mask, in pixels of the picture.
    public var box: BoundingBox
    /// Number of pixels inside of the mask.
    public var area: Int
    /// Labels of the person's parts.
    public var parts: [String]
    /// Whether the person is too small for parts to be trusted; see `HumanParsing.Person.isSmall`.
    public var small: Bool
    /// Whether the network is unsure of the person; see `HumanParsing.Person.isUnsure`.
    public var unsure: Bool
  }

  /// A part of a person.
  public struct Part: Sendable, Hashable {
    /// Name of the part's label.
    public var label: String
    /// Score of the part, 0 to 1.
    public var score: Float
    /// The smallest rectangle that holds the mask, in pixels of the picture.
    public var box: BoundingBox
    /// Number of pixels inside of the mask.
    public var area: Int
    /// Number of the person whom the part belongs to; `null` for nobody.
    public var person: Int?
  }

  /// What wrote the summary, by which programs know its files from those of others: "m2fp".
  public private(set) var generator: String? = "m2fp"
  /// Pixels in a row of the picture.
  public var width: Int
  /// Rows of the picture.
  public var height: Int
  /// Name of the weights.
  public var weights: String
  /// People, most confident first.
  public var people: [Person]
  /// Parts in the network's order.
  public var parts: [Part]
  /// Durations of the steps, in milliseconds.
  public var timings: Timings

  enum CodingKeys: String, CodingKey {
    case generator, width, height, weights, people, parts
    case timings = "timings_ms"
  }

  /// The summary as JSON text, its keys in alphabetical order, with a line end.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(self)
    text.append(UInt8(ascii: "\n"))
    return text
  }
}

extension ParsingSummary.Part: Codable {
  private enum CodingKeys: String, CodingKey {
    case label, score, box, area, person
  }

  /// Says `"person": null` rather than nothing.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    try values.encode(score, forKey: .score)
    try values.encode(box, forKey: .box)
    try values.encode(area, forKey: .area)
    try values.encode(person, forKey: .person)
  }
}

extension Parsing {
  /// People, parts and timings in a form that can be written as JSON.
  ///
  /// - Parameter weights: The name of the weights that the parser used.
  /// - Returns: What `photo.json` says.
  public func summary(weights: String) -> ParsingSummary {
    ParsingSummary(
      width: width, height: height, weights: weights,
      people: people.enumerated().map { index, person in
        ParsingSummary.Person(
          number: index + 1, score: person.score, box: person.box, area: person.area,
          parts: person.parts.map(\.label.name), small: person.isSmall, unsure: person.isUnsure)
      },
      parts: parts.map { part in
        ParsingSummary.Part(
          label: part.label.name, score: part.score, box: part.box, area: part.area,
          person: part.person.map { $0 + 1 })
      },
      timings: timings)
  }
}
