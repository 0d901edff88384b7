import HumanParsing
import ImageCoding
import M2FP
import MaskMerging
import TensorCore

/// A frame of people who are rectangles, with descriptions that tell them apart.
struct ShotScene: Sendable {
  struct Actor: Sendable {
    /// Which person it is: the direction of the description; `nil` for no description.
    var identity: Int?
    /// Left top cell and size on a grid of 64 × 36 cells.
    var x: Int
    var y = 8
    var width = 10
    var height = 20
    /// Class logit; the larger, the more certain. 0 is a score of about 0.1.
    var certainty: Float = 8
  }

  static let (columns, rows) = (64, 36)
  static let classes = ["Background", "Face", "Human"]

  var actors: [Actor]
  /// Gray of the picture's left half; and ….
  var left: UInt8 = 200
  /// … of its right half.
  var right: UInt8 = 0

  func parsing() throws -> Parsing {
    let logits = actors.flatMap { actor in (0...Self.classes.count).map { $0 == 2 ? actor.certainty : Float(0) } }
    var masks: [Float] = []
    for actor in actors {
      for y in 0..<Self.rows {
        for x in 0..<Self.columns {
          let isInside = (actor.x..<actor.x + actor.width).contains(x) && (actor.y..<actor.y + actor.height).contains(y)
          masks.append(isInside ? 20 : -20)
        }
      }
    }
    var output = M2FPOutput(
      queries: actors.count, classes: Self.classes.count, predLogits: logits, predMasks: Constant(masks),
      maskHeight: Self.rows, maskWidth: Self.columns)
    // All descriptions have something in common, as those of a network have.
    output.queryEmbeddings = actors.flatMap { actor in
      (0..<8).map { place in
        guard let identity = actor.identity else { return Float(0) }
        return place == 0 ? 0.5 : place == identity + 1 ? 1 : 0
      }
    }
    let (width, height) = (4 * Self.columns, 4 * Self.rows)
    let geometry = InputGeometry(
      paddedHeight: height, paddedWidth: width, rows: 0..<height, columns: 0..<width, sourceHeight: height,
      sourceWidth: width)
    let options = InferenceOptions(
      parsingScoreThreshold: 0.3, personScoreThreshold: 0.3, parsingOn: true, semanticOn: true, singleHuman: false,
      postprocessBeforeInference: false, classes: Self.classes, numParsing: 2)
    return try Parsing(output: output, geometry: geometry, options: options, pool: WorkerPool(threads: 1))
  }

  func image() throws -> RGBImage {
    let (width, height) = (4 * Self.columns, 4 * Self.rows)
    return try RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { $0 / 3 % width < width / 2 ? left : right })
  }
}

struct ParsedScene: Sendable {
  let actors: [ShotScene.Actor]
  let parsing: Parsing
}

extension ShotTracker<ParsedScene> {
  /// Adds a scene as the frame of a number.
  mutating func add(_ scene: ShotScene, number: Int) throws -> [Numbered] {
    let parsed = ParsedScene(actors: scene.actors, parsing: try scene.parsing())
    return try add(parsed, image: scene.image(), parsing: parsed.parsing, number: number)
  }
}

extension ShotTracker<ParsedScene>.Numbered {
  /// Number of each actor by identity.
  var numbers: [Int: Int] {
    var numbers: [Int: Int] = [:]
    for (person, number) in zip(frame.parsing.people, tracking.numbers) {
      let place = (person.box.x + person.box.width / 2) / 4
      let actor = frame.actors.min { abs($0.x + $0.width / 2 - place) < abs($1.x + $1.width / 2 - place) }
      if let identity = actor?.identity, let number { numbers[identity] = number }
    }
    return numbers
  }
}

/// The numbered frames of a shot whose frames are numbered from 0.
func track(
  _ scenes: [ShotScene], memory: Int = 48, from state: ShotState? = nil, first: Int = 0
) throws -> [ShotTracker<ParsedScene>.Numbered] {
  var tracker = ShotTracker<ParsedScene>(state ?? ShotState(memory: memory))
  var frames: [ShotTracker<ParsedScene>.Numbered] = []
  for (index, scene) in scenes.enumerated() { frames += try tracker.add(scene, number: first + index) }
  return frames + tracker.finish()
}
