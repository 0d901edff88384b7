import BenchmarkSupport
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging

/// The figures of one way to smooth a shot, which are counted frame by frame.
struct SequenceMeasurement {
  /// A frame on its way through smoothing and tracking.
  struct Item: Sendable {
    let index: Int
    let frame: TestShot.Frame
  }

  /// A frame with the results that the next one is compared with.
  private struct Done {
    let item: Item
    let labels: [UInt8]
    let matte: [Float]
  }

  let name: String
  private let shot: TestShot
  private let parser: HumanParser
  private var smoother: TemporalSmoother<Item>
  private var tracker: ShotTracker<(item: Item, parsing: Parsing)>
  private var last: Done?
  private var accuracy: ClassCounts
  private var people = ClassCounts(classes: 2)
  private var consistency: TemporalConsistency
  private var flicker = MatteFlicker()
  private var movingFlicker = MovingFlicker()
  private var switches = IdentitySwitches()
  private var errors = 0.0
  private var frames = 0
  private var seconds = 0.0
  /// Takes each frame's result, and the matte of everybody in it.
  var didParse: ((Item, Parsing, Matte) throws -> Void)?

  init(_ name: String, _ parameters: SmoothingParameters, shot: TestShot, parser: HumanParser) {
    (self.name, self.shot, self.parser) = (name, shot, parser)
    smoother = TemporalSmoother(parameters, of: parser)
    tracker = ShotTracker(ShotState(memory: ShotMemory.frames(perSecond: 24)))
    let classes = parser.model.classes.count
    accuracy = ClassCounts(classes: classes)
    consistency = TemporalConsistency(classes: classes)
  }

  mutating func add(_ item: Item, _ observation: FrameObservation) throws {
    let start = ContinuousClock.now
    let smoothed = smoother.add(item, image: item.frame.image, observation: observation)
    seconds += (ContinuousClock.now - start) / .seconds(1)
    try take(smoothed)
  }

  mutating func finish() throws {
    try take(smoother.finish())
    for frame in tracker.finish() { count(frame) }
  }

  private mutating func take(_ smoothed: [TemporalSmoother<Item>.Smoothed]) throws {
    for (item, observation) in smoothed {
      let image = item.frame.image
      let parsing = try parser.parsing(of: observation, image: image)
      try compare(item, parsing)
      for frame in tracker.add((item, parsing), image: image, parsing: parsing, number: item.index) { count(frame) }
    }
  }

  /// Counts what does not need the numbers of people.
  private mutating func compare(_ item: Item, _ parsing: Parsing) throws {
    let (labels, frame) = (parsing.labelMap.indices, item.frame)
    let everybody = try parsing.matte(of: [.human], from: frame.image)
    let matte = everybody.values
    try didParse?(item, parsing, everybody)
    for index in labels.indices {
      accuracy.add(frame.labels[index], labels[index])
      people.add(frame.alpha[index] >= 0.5 ? 1 : 0, matte[index] >= 0.5 ? 1 : 0)
      errors += Double(abs(matte[index] - frame.alpha[index]))
    }
    frames += 1
    if let last, !frame.isCut {
      let places = shot.places(from: last.item.index, last.item.frame, to: frame)
      consistency.add(last.labels, labels, places: places)
      let truth = (last.item.frame.alpha, frame.alpha)
      flicker.add(last.matte, matte, truth: truth)
      movingFlicker.add(last.matte, matte, truth: truth, places: places)
    }
    last = Done(item: item, labels: labels, matte: matte)
  }

  /// Least share of a frame's pixels, and least IoU, of a person who counts as seen.
  private static let (leastArea, leastIoU) = (0.005, 0.5)

  /// Counts the numbers of people.
  private mutating func count(_ numbered: ShotTracker<(item: Item, parsing: Parsing)>.Numbered) {
    let (item, parsing) = numbered.frame
    let truth = item.frame.people
    let masks = parsing.people.map { $0.mask.hard() }
    var numbers: [Int: Int?] = [:]
    for person in 1...ShotSources.peopleCount {
      let area = truth.count { $0 == UInt8(person) }
      guard Double(area) >= Self.leastArea * Double(truth.count) else { continue }
      var best: (iou: Double, number: Int?) = (Self.leastIoU, nil)
      for (mask, number) in zip(masks, numbered.tracking.numbers) where number != nil {
        let shared = truth.indices.count { truth[$0] == UInt8(person) && mask[x: $0 % shot.width, y: $0 / shot.width] }
        let iou = Double(shared) / Double(area + mask.area - shared)
        if iou >= best.iou { best = (iou, number) }
      }
      numbers[person] = .some(best.number)
    }
    switches.add(numbers, crossing: item.frame.crossing, isCut: item.frame.isCut)
  }

  var row: SequenceRow {
    SequenceRow(
      temporal: name, meanIoU: accuracy.mean(inEither: false),
      personIoU: people.intersectionsOverUnion(inEither: false)[1] ?? 0, temporalConsistency: consistency.value,
      dtSSD: flicker.value, movingFlicker: movingFlicker.value,
      matteError: 1000 * errors / Double(max(frames * shot.width * shot.height, 1)),
      switches: switches.count, switchesAtCrossings: switches.countAtCrossings,
      switchesAcrossCuts: switches.countAcrossCuts, seen: Double(switches.seen) / Double(max(switches.present, 1)),
      smoothingMilliseconds: 1000 * seconds / Double(max(frames, 1)),
      classes: Dictionary(
        uniqueKeysWithValues: zip(parser.model.classes, accuracy.intersectionsOverUnion(inEither: false)).compactMap {
          name, value in value.map { (name, $0) }
        }))
  }
}

/// Figures of one way to smooth the shot.
struct SequenceRow: Encodable {
  let temporal: String
  let meanIoU: Double
  let personIoU: Double
  let temporalConsistency: Double
  let dtSSD: Double
  let movingFlicker: Double
  let matteError: Double
  let switches: Int
  let switchesAtCrossings: Int
  let switchesAcrossCuts: Int
  /// Share of the people who were there that were found with a number.
  let seen: Double
  let smoothingMilliseconds: Double
  /// Intersection over union of each class.
  let classes: [String: Double]
}
