import Foundation
import MaskMerging

/// What the tracker sees of a person in one frame.
struct PersonObservation: Sendable, Codable {
  /// Score of the person, 0 to 1.
  var score: Float
  /// Whether the score reaches the model's threshold of people, so that this may be somebody new.
  var mayBeNew: Bool
  /// Where the person is.
  var shape: PersonShape
  /// Middle of the person's box in cells of ``PersonShape``.
  var middle: SIMD2<Float>
  /// The network's description of the person, of unit length; empty if the network gives none.
  var embedding: Embedding
}

extension PersonObservation {
  init(_ person: Person, of parsing: Parsing) {
    let scale = Float(PersonShape.cells) / SIMD2(Float(parsing.width), Float(parsing.height))
    let box = person.box
    self.init(
      score: person.score, mayBeNew: person.score >= parsing.minimumPersonScore,
      shape: PersonShape(person.mask.hard(), box: box),
      middle: SIMD2(Float(box.x) + Float(box.width) / 2, Float(box.y) + Float(box.height) / 2) * scale,
      embedding: Embedding(person.embedding))
  }
}

/// A vector of unit length; equal bits after it was written and read.
package struct Embedding: Sendable, Hashable, Codable {
  private(set) var values: [Float]

  /// The direction of a vector; a vector without one becomes empty.
  init(_ vector: [Float]) {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    values = length > 0 && length.isFinite ? vector.map { $0 / length } : []
  }

  /// The cosine of the angle between two vectors, −1 to 1; `nil` unless both have the same dimension.
  func cosine(_ other: Embedding) -> Float? {
    guard !values.isEmpty, values.count == other.values.count else { return nil }
    return zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The direction between two vectors; the one that is there where the other is empty.
  ///
  /// - Parameter share: Weight of the other one, 0 to 1.
  func blended(with other: Embedding, share: Float) -> Embedding {
    guard values.count == other.values.count else { return other.values.isEmpty ? self : other }
    return Embedding(zip(values, other.values).map { (1 - share) * $0 + share * $1 })
  }

  /// Reads the bits of the values, four bytes each, the lowest first.
  package init(from decoder: any Decoder) throws {
    let bytes = [UInt8](try decoder.singleValueContainer().decode(Data.self))
    values = stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
    }
  }

  /// Writes the bits of the values, four bytes each, the lowest first.
  package func encode(to encoder: any Encoder) throws {
    let bytes = values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    var container = encoder.singleValueContainer()
    try container.encode(Data(bytes))
  }
}
