/// Pixels by the class that one map gives them and the class that another does.
package struct ClassCounts: Sendable {
  /// A pixel of this class is not counted.
  package static let ignored: UInt8 = 255

  private let classes: Int
  private var counts: [Int]

  package init(classes: Int) {
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
  }

  /// Counts a pixel, unless one of the classes is ``ignored``.
  package mutating func add(_ first: UInt8, _ second: UInt8) {
    guard first != Self.ignored, second != Self.ignored else { return }
    counts[Int(first) * classes + Int(second)] += 1
  }

  /// Intersection over union of each class that the first map has, or, if `inEither`, one of the two; `nil` for others.
  package func intersectionsOverUnion(inEither: Bool) -> [Double?] {
    (0..<classes).map { index in
      let first = (0..<classes).reduce(0) { $0 + counts[index * classes + $1] }
      let second = (0..<classes).reduce(0) { $0 + counts[$1 * classes + index] }
      guard first > 0 || (inEither && second > 0) else { return nil }
      let shared = counts[index * classes + index]
      return Double(shared) / Double(first + second - shared)
    }
  }

  /// Mean of ``intersectionsOverUnion(inEither:)``; 0 if there are none.
  package func mean(inEither: Bool) -> Double {
    let values = intersectionsOverUnion(inEither: inEither).compactMap(\.self)
    return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }
}

/// Temporal consistency of label maps: mean IoU of each map with the next one, brought onto it along the true motion (Liu et
/// al., "Efficient Semantic Video Segmentation with Per-frame Inference", ECCV 2020), counted over the whole shot.
package struct TemporalConsistency: Sendable {
  private var counts: ClassCounts

  package init(classes: Int) { counts = ClassCounts(classes: classes) }

  /// Counts two maps in a row.
  ///
  /// - Parameter places: For each pixel of the first map its place in the second; `nil` where it is not seen.
  package mutating func add(_ first: [UInt8], _ second: [UInt8], places: [Int?]) {
    for (label, place) in zip(first, places) {
      if let place { counts.add(label, second[place]) }
    }
  }

  /// 0 to 1, over the classes that occur.
  package var value: Double { counts.mean(inEither: true) }
}

/// Flicker of mattes, dtSSD: root of the mean square of what the change of a matte from frame to frame differs from the true
/// change (Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015), times 100, mean over the shot.
package struct MatteFlicker: Sendable {
  private var sum = 0.0
  private var count = 0

  package init() {}

  /// Counts two mattes in a row, 0 to 1, with the true ones.
  package mutating func add(_ first: [Float], _ second: [Float], truth: (first: [Float], second: [Float])) {
    var squares = 0.0
    for index in first.indices {
      let difference = (second[index] - first[index]) - (truth.second[index] - truth.first[index])
      squares += Double(difference * difference)
    }
    sum += 100 * (squares / Double(max(first.count, 1))).squareRoot()
    count += 1
  }

  package var value: Double { count > 0 ? sum / Double(count) : 0 }
}

/// Flicker of mattes along the motion: root of the mean square of what the error of a matte changes from a pixel to the place
/// in the next frame where what it shows is, times 100, mean over the shot. An error that moves with a person, such as an
/// edge that is always a pixel too far out, counts in dtSSD and not here.
package struct MovingFlicker: Sendable {
  private var sum = 0.0
  private var count = 0

  package init() {}

  /// Counts two mattes in a row, 0 to 1, with the true ones.
  ///
  /// - Parameter places: For each pixel of the first frame its place in the second; `nil` where it is not seen.
  package mutating func add(
    _ first: [Float], _ second: [Float], truth: (first: [Float], second: [Float]), places: [Int?]
  ) {
    var (squares, pixels) = (0.0, 0)
    for (index, place) in places.enumerated() {
      guard let place else { continue }
      let difference = (second[place] - truth.second[place]) - (first[index] - truth.first[index])
      squares += Double(difference * difference)
      pixels += 1
    }
    guard pixels > 0 else { return }
    sum += 100 * (squares / Double(pixels)).squareRoot()
    count += 1
  }

  package var value: Double { count > 0 ? sum / Double(count) : 0 }
}

/// Switches of people's numbers: a person who is seen and has another number than when they were last seen.
package struct IdentitySwitches: Sendable {
  private var last: [Int: Int] = [:]
  /// All switches; …
  package private(set) var count = 0
  /// … those of people who are close to somebody else; …
  package private(set) var countAtCrossings = 0
  /// … and those from the last frame before a cut to the first after it.
  package private(set) var countAcrossCuts = 0
  /// People of the truth who were seen, and who were there, summed over frames.
  package private(set) var seen = 0
  package private(set) var present = 0
  private var unseenSinceCut: Set<Int> = []

  package init() {}

  /// Counts a frame.
  ///
  /// - Parameters:
  ///   - numbers: For each true person of the frame the number that they have; `nil` for those who are not found.
  ///   - crossing: True people who are close to somebody else.
  package mutating func add(_ numbers: [Int: Int?], crossing: Set<Int>, isCut: Bool) {
    if isCut { unseenSinceCut = Set(last.keys) }
    for (person, number) in numbers {
      present += 1
      guard let number else { continue }
      seen += 1
      if let before = last[person], before != number {
        count += 1
        if unseenSinceCut.contains(person) {
          countAcrossCuts += 1
        } else if crossing.contains(person) {
          countAtCrossings += 1
        }
      }
      unseenSinceCut.remove(person)
      last[person] = number
    }
  }
}
