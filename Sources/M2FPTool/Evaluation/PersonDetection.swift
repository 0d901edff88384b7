package import ImageCoding
package import MaskMerging

/// Counts of persons who are found, missed and made up, over photographs whose persons are outlined.
///
/// A predicted mask and a person match if their intersection over union (IoU) is at least ``minimumIoU``. Of all such
/// pairs of a photograph the one with the largest IoU is matched first, then the largest of those that are left, so that
/// each mask and each person is matched once at most. Pixels of 255 are counted nowhere, and neither is a prediction that
/// matches nobody and has more than half of its pixels there.
package struct PersonDetection: Equatable, Sendable {
  /// Value of a pixel that nobody covers.
  package static let nobody: UInt8 = 0
  /// Value of a pixel that is not counted, such as one of a crowd that nobody outlined.
  package static let ignored: UInt8 = 255
  /// Smallest IoU of a prediction and a person that count as the same.
  package static let minimumIoU = 0.5

  /// Smallest height of a person's bounding box, in pixels of the photograph, that recall is measured for.
  package let minimumHeight: Int
  /// Photographs that were counted.
  package private(set) var pictures = 0
  /// Persons of at least `minimumHeight`.
  package private(set) var persons = 0
  /// Those of `persons` that a prediction matches.
  package private(set) var recalled = 0
  /// Predictions, but for those that lie on ignored pixels.
  package private(set) var predictions = 0
  /// Those of `predictions` that match no person of any height.
  package private(set) var falsePredictions = 0
  /// Photographs without any person and without ignored pixels.
  package private(set) var emptyPictures = 0
  /// Those of `emptyPictures` with at least one prediction.
  package private(set) var emptyPicturesWithPredictions = 0
  /// Pixels of any person that are in any prediction.
  package private(set) var intersection = 0
  /// Pixels of any person or in any prediction.
  package private(set) var union = 0

  package init(minimumHeight: Int) { self.minimumHeight = minimumHeight }

  /// Share of the persons that are found; `nil` if there are none.
  package var recall: Double? { Self.share(recalled, of: persons) }

  /// Share of the predictions that are nobody; `nil` if there are none.
  package var falseShare: Double? { Self.share(falsePredictions, of: predictions) }

  /// IoU of all persons together and all predictions together, over the pixels of all photographs; `nil` if there are
  /// no pixels of either.
  package var unionIoU: Double? { Self.share(intersection, of: union) }

  private static func share(_ part: Int, of whole: Int) -> Double? {
    whole > 0 ? Double(part) / Double(whole) : nil
  }

  /// Counts one photograph.
  ///
  /// - Parameters:
  ///   - found: Masks of the predicted persons; they may overlap.
  ///   - truth: The person at each pixel: 0 nobody, 255 not to be counted, any other value a person.
  /// - Throws: ``Failure`` (bad data) for masks of another size than `truth`; nothing of such a photograph is counted.
  package mutating func count(_ found: [BinaryMask], truth: LabelMap) throws(Failure) {
    if let strange = found.first(where: { $0.width != truth.width || $0.height != truth.height }) {
      throw Failure(
        .badData,
        "expected persons of \(strange.width) x \(strange.height) pixels, found \(truth.width) x \(truth.height)")
    }
    let overlap = PersonOverlap(found, truth: truth)
    let matches = overlap.matches(minimumIoU: Self.minimumIoU)
    let tall = overlap.people.filter { $0.height >= minimumHeight }
    let counted = found.indices.filter { matches.values.contains($0) || !overlap.isIgnored($0) }

    pictures += 1
    persons += tall.count
    recalled += tall.count { matches[$0.value] != nil }
    predictions += counted.count
    falsePredictions += counted.count - matches.count
    if overlap.people.isEmpty, !overlap.hasIgnoredPixels {
      emptyPictures += 1
      if !found.isEmpty { emptyPicturesWithPredictions += 1 }
    }
    intersection += overlap.intersection
    union += overlap.union
  }
}

/// How the predicted and the true persons of one photograph overlap, in pixels; ignored pixels are left out.
private struct PersonOverlap {
  struct TruePerson {
    let value: UInt8
    let area: Int
    let height: Int
  }

  /// By their values in the map.
  private(set) var people: [TruePerson] = []
  private(set) var hasIgnoredPixels = false
  /// Pixels of any person that are in any prediction.
  private(set) var intersection = 0
  /// Pixels of any person or in any prediction.
  private(set) var union = 0
  /// Axes (prediction, value of the map): how many pixels of the prediction have the value.
  private var shared: [[Int]]

  init(_ found: [BinaryMask], truth: LabelMap) {
    shared = Array(repeating: Array(repeating: 0, count: 256), count: found.count)
    var areas = Array(repeating: 0, count: 256)
    var rows = Array(repeating: 0..<0, count: 256)
    truth.indices.withUnsafeBufferPointer { values in
      for y in 0..<truth.height {
        for x in 0..<truth.width {
          let value = values[y * truth.width + x]
          var isFound = false
          for (index, mask) in found.enumerated() where mask[x: x, y: y] {
            shared[index][Int(value)] += 1
            isFound = true
          }
          let first = areas[Int(value)] == 0 ? y : rows[Int(value)].lowerBound
          rows[Int(value)] = first..<y + 1
          areas[Int(value)] += 1
          guard value != PersonDetection.ignored else { continue }
          let isPerson = value != PersonDetection.nobody
          if isFound, isPerson { intersection += 1 }
          if isFound || isPerson { union += 1 }
        }
      }
    }
    hasIgnoredPixels = areas[Int(PersonDetection.ignored)] > 0
    for value in PersonDetection.nobody + 1..<PersonDetection.ignored where areas[Int(value)] > 0 {
      people.append(TruePerson(value: value, area: areas[Int(value)], height: rows[Int(value)].count))
    }
  }

  /// Whether more than half of a prediction lies on ignored pixels.
  func isIgnored(_ prediction: Int) -> Bool {
    2 * shared[prediction][Int(PersonDetection.ignored)] > shared[prediction].reduce(0, +)
  }

  /// The prediction that matches each person, by the person's value; persons without one are absent.
  func matches(minimumIoU: Double) -> [UInt8: Int] {
    var pairs: [(iou: Double, person: UInt8, prediction: Int)] = []
    for (prediction, pixels) in shared.enumerated() {
      let area = pixels.reduce(0, +) - pixels[Int(PersonDetection.ignored)]
      for person in people {
        let intersection = pixels[Int(person.value)]
        let iou = Double(intersection) / Double(person.area + area - intersection)
        if iou >= minimumIoU { pairs.append((iou, person.value, prediction)) }
      }
    }
    // Equal pairs keep the order of predictions, which is that of confidence.
    pairs.sort { ($1.iou, $0.prediction, $0.person) < ($0.iou, $1.prediction, $1.person) }
    var matches: [UInt8: Int] = [:]
    for pair in pairs where matches[pair.person] == nil && !matches.values.contains(pair.prediction) {
      matches[pair.person] = pair.prediction
    }
    return matches
  }
}
