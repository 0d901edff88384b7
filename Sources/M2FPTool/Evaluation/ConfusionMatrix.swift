/// How often each class was taken for each class, and what follows from it.
package struct ConfusionMatrix: Equatable, Sendable {
  /// Label of a pixel that nobody may count.
  package static let ignored: UInt8 = 255

  package let classes: Int
  /// Pixels by true class (row) and predicted class (column); row major, `classes` × `classes`.
  package private(set) var counts: [Int]

  package init(classes: Int) {
    self.classes = classes
    counts = [Int](repeating: 0, count: classes * classes)
  }

  /// Counts one picture.
  ///
  /// - Parameters:
  ///   - prediction: Class of every pixel, row by row.
  ///   - truth: The same from the labels; 255 is not counted.
  /// - Throws: ``Failure`` (bad data) for labels of another size, or of a class that the model does not have; nothing
  ///   of such a picture is counted.
  package mutating func count(prediction: [UInt8], truth: [UInt8]) throws(Failure) {
    guard prediction.count == truth.count else {
      throw Failure(.badData, "expected \(prediction.count) labelled pixels, found \(truth.count)")
    }
    if let strange = truth.first(where: { $0 != Self.ignored && Int($0) >= classes }) {
      throw Failure(.badData, "expected labels from 0 to \(classes - 1) or 255, found \(strange)")
    }
    if let strange = prediction.first(where: { Int($0) >= classes }) {
      throw Failure(.softwareFault, "the model predicts class \(strange) of \(classes)")
    }
    for (predicted, expected) in zip(prediction, truth) where expected != Self.ignored {
      counts[Int(expected) * classes + Int(predicted)] += 1
    }
  }

  /// Pixels that the labels give to a class.
  package func labelled(_ index: Int) -> Int {
    counts[index * classes..<(index + 1) * classes].reduce(0, +)
  }

  /// Pixels that the model gives to a class.
  package func predicted(_ index: Int) -> Int {
    (0..<classes).reduce(0) { $0 + counts[$1 * classes + index] }
  }

  /// Intersection over union of a class; nil if no label names it.
  package func intersectionOverUnion(_ index: Int) -> Double? {
    let labelled = labelled(index)
    guard labelled > 0 else { return nil }
    let intersection = counts[index * classes + index]
    return Double(intersection) / Double(labelled + predicted(index) - intersection)
  }

  /// Mean of ``intersectionOverUnion(_:)`` over the classes that the labels name; nil if there are none.
  package var meanIntersectionOverUnion: Double? {
    let present = (0..<classes).compactMap(intersectionOverUnion)
    return present.isEmpty ? nil : present.reduce(0, +) / Double(present.count)
  }

  /// Share of the counted pixels that have their true class; nil if none was counted.
  package var pixelAccuracy: Double? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    return Double((0..<classes).reduce(0) { $0 + counts[$1 * classes + $1] }) / Double(total)
  }

  /// Intersection over union of everything but class 0: people against background; nil if no label names a part.
  package var personIntersectionOverUnion: Double? {
    guard classes > 1 else { return nil }
    let total = counts.reduce(0, +)
    let background = counts[0]
    let labelled = total - self.labelled(0)
    guard labelled > 0 else { return nil }
    let missed = predicted(0) - background
    return Double(labelled - missed) / Double(total - background)
  }
}
