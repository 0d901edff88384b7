package import ImageCoding
package import MaskMerging

/// Data of a parsed frame by which its people get their numbers. Its bits are the same after it was written and read.
package struct FrameSighting: Sendable, Codable {
  /// A person of the frame.
  package struct Person: Sendable, Codable {
    package let score: Float
    package let box: BoundingBox
    let observation: PersonObservation
  }

  /// Size of the picture.
  package let width: Int
  package let height: Int
  /// The parsing's people, in its order.
  package let people: [Person]
  let impression: CutDetector.Impression

  package init(_ parsing: Parsing, of image: RGBImage) {
    (width, height) = (parsing.width, parsing.height)
    people = parsing.people.map { person in
      Person(
        score: person.score, box: person.box,
        observation: PersonObservation(person, of: parsing))
    }
    impression = CutDetector.Impression(of: image)
  }
}
