import Foundation

/// What `m2fp evaluate` found, as a table for people and as JSON for scripts.
package struct EvaluationReport: Encodable, Equatable, Sendable {
  package struct ClassResult: Encodable, Equatable, Sendable {
    package var index: Int
    package var name: String
    /// Between 0 and 1; nil if no label names the class.
    package var iou: Double?
    package var labelledPixels: Int
    package var predictedPixels: Int

    private enum CodingKeys: String, CodingKey {
      case index, name, iou
      case labelledPixels = "labelled_pixels"
      case predictedPixels = "predicted_pixels"
    }
  }

  /// How well persons are found; shares are between 0 and 1, and `nil` where there is nothing to measure.
  package struct PersonResult: Encodable, Equatable, Sendable {
    package var pictures: Int
    package var minimumHeight: Int
    package var persons: Int
    package var recalled: Int
    package var recall: Double?
    package var predictions: Int
    package var falsePredictions: Int
    package var falseShare: Double?
    package var emptyPictures: Int
    package var emptyPicturesWithPredictions: Int
    package var unionIoU: Double?

    private enum CodingKeys: String, CodingKey {
      case pictures, persons, recalled, recall, predictions
      case minimumHeight = "minimum_height"
      case falsePredictions = "false_predictions"
      case falseShare = "false_share"
      case emptyPictures = "empty_pictures"
      case emptyPicturesWithPredictions = "empty_pictures_with_predictions"
      case unionIoU = "union_iou"
    }

    init(_ counts: PersonDetection) {
      pictures = counts.pictures
      minimumHeight = counts.minimumHeight
      persons = counts.persons
      recalled = counts.recalled
      recall = counts.recall
      predictions = counts.predictions
      falsePredictions = counts.falsePredictions
      falseShare = counts.falseShare
      emptyPictures = counts.emptyPictures
      emptyPicturesWithPredictions = counts.emptyPicturesWithPredictions
      unionIoU = counts.unionIoU
    }
  }

  package var weights: String
  package var pictures: Int
  package var failed: Int
  /// `nil` if no label maps were given; so are the three shares below.
  package var classes: [ClassResult]?
  package var meanIoU: Double?
  package var personIoU: Double?
  package var pixelAccuracy: Double?
  /// `nil` if no maps of persons were given.
  package var instances: PersonResult?

  private enum CodingKeys: String, CodingKey {
    case weights, pictures, failed, classes, instances
    case meanIoU = "mean_iou"
    case personIoU = "person_iou"
    case pixelAccuracy = "pixel_accuracy"
  }

  /// - Parameters:
  ///   - matrix: Counts of classes; `nil` without label maps.
  ///   - persons: Counts of persons; `nil` without maps of persons.
  ///   - names: The model's classes by index.
  ///   - weights: Name of the model.
  ///   - pictures: Photographs that were evaluated.
  ///   - failed: Photographs that could not be.
  package init(
    matrix: ConfusionMatrix?, persons: PersonDetection? = nil, names: [String], weights: String, pictures: Int,
    failed: Int
  ) {
    self.weights = weights
    self.pictures = pictures
    self.failed = failed
    classes = matrix.map { matrix in
      (0..<matrix.classes).map { index in
        ClassResult(
          index: index, name: index < names.count ? names[index] : "class \(index)",
          iou: matrix.intersectionOverUnion(index), labelledPixels: matrix.labelled(index),
          predictedPixels: matrix.predicted(index))
      }
    }
    meanIoU = matrix?.meanIntersectionOverUnion
    personIoU = matrix?.personIntersectionOverUnion
    pixelAccuracy = matrix?.pixelAccuracy
    instances = persons.map(PersonResult.init)
  }

  package func json() throws -> String { try JSONText.pretty(self) }

  /// One line a class, then the means, then one line for each measure of persons.
  package var table: String { [classTable, personTable].compactMap(\.self).joined(separator: "\n\n") }

  private var classTable: String? {
    guard let classes else { return nil }
    let present = classes.filter { $0.iou != nil }.count
    return Self.table(
      [("class", "IoU", "labelled pixels")]
        + classes.map { ($0.name, Self.percent($0.iou), "\($0.labelledPixels)") }
        + [
          ("mean IoU", Self.percent(meanIoU), "\(present) classes"),
          ("person IoU", Self.percent(personIoU), "all classes but the first"),
          ("pixel accuracy", Self.percent(pixelAccuracy), "\(pictures) pictures"),
        ])
  }

  private var personTable: String? {
    guard let found = instances else { return nil }
    return Self.table([
      (
        "recall of persons", Self.percent(found.recall),
        "\(found.recalled) of \(found.persons) at least \(found.minimumHeight) pixels high"
      ),
      (
        "false persons", Self.percent(found.falseShare),
        "\(found.falsePredictions) of \(found.predictions) that were found"
      ),
      (
        "nobody there", "\(found.emptyPicturesWithPredictions)",
        "of \(found.emptyPictures) pictures without persons in which somebody was found"
      ),
      ("IoU of everybody", Self.percent(found.unionIoU), "\(found.pictures) pictures"),
    ])
  }

  /// Lines of three columns, the second one flush right.
  private static func table(_ rows: [(String, String, String)]) -> String {
    let first = rows.map(\.0.count).max() ?? 0
    let second = rows.map(\.1.count).max() ?? 0
    return rows.map { row in
      row.0.padding(toLength: first, withPad: " ", startingAt: 0)
        + String(repeating: " ", count: second - row.1.count + 2) + row.1 + "  " + row.2
    }.joined(separator: "\n")
  }

  static func percent(_ share: Double?) -> String {
    guard let share else { return "-" }
    return String(format: "%.2f %%", share * 100)
  }
}
