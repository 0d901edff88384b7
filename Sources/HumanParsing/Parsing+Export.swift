public import Foundation
public import MaskMerging

/// Position and direction of a limb or another part of a person.
public struct JointHint: Sendable, Hashable, Codable {
  /// Name of the part's label.
  public let label: String
  /// Number of the person, from 1; `nil` for nobody.
  public let person: Int?
  /// Score of the part, 0 to 1.
  public let score: Float
  /// Place and direction of the part.
  public let limb: LimbHint
}

extension Parsing {
  /// People and parts in the form of the COCO data set: a category for each class by its index, an annotation for each
  /// part and, where the model tells people apart, for each person.
  ///
  /// - Parameters:
  ///   - fileName: The picture's name.
  ///   - imageID: Its number.
  ///   - firstAnnotationID: Number of the first annotation; the others follow it.
  ///   - firstCategoryID: Number of the category of class 0; the others follow it. 0 makes them class indices.
  ///   - asPolygons: Write outlines instead of run lengths; holes are left out, and so are empty masks.
  ///   - minimumScore: Parts and people below it are left out; `nil` for ``minimumScore`` and ``minimumPersonScore``.
  public func coco(
    fileName: String, imageID: Int = 1, firstAnnotationID: Int = 1, firstCategoryID: Int = 0, asPolygons: Bool = false,
    minimumScore: Float? = nil
  ) -> COCODocument {
    var annotations: [COCODocument.Annotation] = []
    func annotate(_ label: Label, _ mask: Mask, _ score: Float, _ person: Int?) {
      let least = minimumScore ?? (label == .human ? minimumPersonScore : self.minimumScore)
      guard score >= least, let category = classes.firstIndex(of: label) else { return }
      let mask = mask.hard()
      if asPolygons, mask.area == 0 { return }
      annotations.append(
        COCODocument.Annotation(
          id: firstAnnotationID + annotations.count, imageID: imageID, categoryID: firstCategoryID + category,
          mask: mask, score: score, person: person.map { $0 + 1 }, asPolygons: asPolygons))
    }
    for (index, person) in people.enumerated() { annotate(.human, person.mask, person.score, index) }
    for part in parts { annotate(part.label, part.mask, part.score, part.person) }
    return COCODocument(
      images: [COCODocument.Image(id: imageID, fileName: fileName, width: width, height: height)],
      categories: classes.enumerated().map {
        COCODocument.Category(id: firstCategoryID + $0.offset, name: $0.element.name)
      },
      annotations: annotations)
  }

  /// Where arms, legs, and every other part with at least the minimum score lie, in the order of `parts`.
  ///
  /// - Parameters:
  ///   - labels: Parts to describe; `nil` for all.
  ///   - minimumScore: Parts below it are left out; `nil` for ``minimumScore``.
  public func jointHints(of labels: [Label]? = nil, minimumScore: Float? = nil) -> [JointHint] {
    let least = minimumScore ?? self.minimumScore
    let wanted = labels.map { Set($0) }
    return parts.compactMap { part in
      guard part.score >= least, wanted?.contains(part.label) ?? true, let limb = LimbHint(part.mask.hard()) else {
        return nil
      }
      return JointHint(label: part.label.name, person: part.person.map { $0 + 1 }, score: part.score, limb: limb)
    }
  }

  /// The joint hints as JSON text, keys in alphabetical order, with a line end.
  public func jointHintsJSON(of labels: [Label]? = nil, minimumScore: Float? = nil) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(jointHints(of: labels, minimumScore: minimumScore))
    text.append(UInt8(ascii: "\n"))
    return text
  }
}
