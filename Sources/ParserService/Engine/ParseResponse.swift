import Foundation
import MaskMerging

/// JSON response of `/api/parse`, without `cached` and `timing_ms`. Masks are PNG files in base64.
struct ParseResponse: Encodable {
  let success = true
  let width: Int
  let height: Int
  let weights: String
  let mergedMask: Data
  let masks: [MaskEntry]
  let people: [PersonEntry]

  enum CodingKeys: String, CodingKey {
    case success, width, height, weights, masks, people
    case mergedMask = "merged_mask"
  }

  struct PersonEntry: Encodable {
    let number: Int
    let score: Float
    let area: Int
    let box: BoundingBox
    let parts: [String]
    let unsure: Bool
    let mask: Data
  }

  struct MaskEntry: Encodable {
    let label: String
    let person: Int?
    let score: Float
    let area: Int
    let box: BoundingBox
    let mask: Data

    private enum CodingKeys: String, CodingKey {
      case label, person, score, area, box, mask
    }

    /// Encodes `"person": null` rather than omitting the member.
    func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(label, forKey: .label)
      try values.encode(person, forKey: .person)
      try values.encode(score, forKey: .score)
      try values.encode(area, forKey: .area)
      try values.encode(box, forKey: .box)
      try values.encode(mask, forKey: .mask)
    }
  }
}

/// Encoding of JSON responses: UTF-8 with sorted keys and unescaped slashes.
enum ResponseJSON {
  static func data(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}
