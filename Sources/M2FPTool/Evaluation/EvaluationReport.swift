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

  package var weights: String
  package var pictures: Int
  package var failed: Int
  package var classes: [ClassResult]
  package var meanIoU: Double?
  package var personIoU: Double?
  package var pixelAccuracy: Double?

  private enum CodingKeys: String, CodingKey {
    case weights, pictures, failed, classes
    case meanIoU = "mean_iou"
    case personIoU = "person_iou"
    case pixelAccuracy = "pixel_accuracy"
  }

  package init(matrix: ConfusionMatrix, names: [String], weights: String, pictures: Int, failed: Int) {
    self.weights = weights
    self.pictures = pictures
    self.failed = failed
    classes = (0..<matrix.classes).map { index in
      ClassResult(
        index: index, name: index < names.count ? names[index] : "class \(index)",
        iou: matrix.intersectionOverUnion(index), labelledPixels: matrix.labelled(index),
        predictedPixels: matrix.predicted(index))
    }
    meanIoU = matrix.meanIntersectionOverUnion
    personIoU = matrix.personIntersectionOverUnion
    pixelAccuracy = matrix.pixelAccuracy
  }

  package func json() throws -> String { try JSONText.pretty(self) }

  /// One line a class, then the means.
  package var table: String {
    let present = classes.filter { $0.iou != nil }.count
    let rows: [(String, String, String)] =
      [("class", "IoU", "labelled pixels")]
      + classes.map { ($0.name, Self.percent($0.iou), "\($0.labelledPixels)") }
      + [
        ("mean IoU", Self.percent(meanIoU), "\(present) classes"),
        ("person IoU", Self.percent(personIoU), "all classes but the first"),
        ("pixel accuracy", Self.percent(pixelAccuracy), "\(pictures) pictures"),
      ]
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
