import HumanParsing
import ImageCoding
import M2FP
import MaskMerging
import TensorCore

/// A picture whose segments are drawn: each query is a mask on a grid of one cell a letter, and one class.
struct ParsingScene: Sendable {
  struct Query: Sendable {
    let category: Int
    /// `#` inside.
    let rows: [String]
    /// Class logit; the larger, the more certain.
    var certainty: Float = 12
  }

  static let classes = ["Background", "Hair", "Face", "Left-arm", "Human"]

  var queries: [Query]
  var singleHuman = false
  var resizesMasksFirst = false
  var personScoreThreshold: Float = 0.3
  /// Pixels of the picture along a cell's edge; the network's input has 4.
  var scale = 2

  /// Two people side by side, a face and hair each, and an arm that belongs to nobody.
  static let two = ParsingScene(queries: [
    Query(category: 4, rows: ["###.......", "###.......", ".........."], certainty: 3),
    Query(category: 4, rows: [".....###..", ".....###..", ".....###.."]),
    Query(category: 1, rows: ["###.......", "..........", ".........."]),
    Query(category: 2, rows: [".....###..", ".....###..", ".........."]),
    Query(category: 2, rows: ["..........", "###.......", ".........."]),
    Query(category: 1, rows: ["..........", "..........", ".....###.."]),
    Query(category: 3, rows: ["..........", "..........", ".........#"]),
  ])

  static let one = ParsingScene(
    queries: [
      Query(category: 0, rows: ["####...###", "####...###", "####...###"]),
      Query(category: 1, rows: ["....###...", "..........", ".........."]),
      Query(category: 2, rows: ["..........", "....###...", "....###..."]),
    ], singleHuman: true)

  static let empty = ParsingScene(queries: [Query(category: 4, rows: ["..........", "..........", ".........."])])

  var width: Int { 10 * scale }
  var height: Int { 3 * scale }

  func parsing(
    threads: Int = 2, mending: PeopleMending = .none, size: (width: Int, height: Int)? = nil
  ) throws -> Parsing {
    let classes = Self.classes.count
    let logits = queries.flatMap { query in
      (0...classes).map { $0 == query.category ? query.certainty : Float(0) }
    }
    let masks = queries.flatMap { $0.rows.joined().map { $0 == "#" ? Float(20) : -20 } }
    let output = M2FPOutput(
      queries: queries.count, classes: classes, predLogits: logits, predMasks: Constant(masks), maskHeight: 3,
      maskWidth: 10)
    let geometry = InputGeometry(
      paddedHeight: 12, paddedWidth: 40, rows: 0..<12, columns: 0..<40, sourceHeight: size?.height ?? height,
      sourceWidth: size?.width ?? width)
    let options = InferenceOptions(
      parsingScoreThreshold: 0.3, personScoreThreshold: personScoreThreshold, parsingOn: !singleHuman, semanticOn: true,
      singleHuman: singleHuman,
      postprocessBeforeInference: resizesMasksFirst, classes: Self.classes, numParsing: classes - 1)
    return try Parsing(
      output: output, geometry: geometry, options: options, mending: mending, pool: WorkerPool(threads: threads))
  }

  /// The picture's size, every pixel different from its neighbours.
  func photo() throws -> RGBImage {
    try RGBImage(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 37) })
  }
}

/// The cells of a mask, as the scene is drawn: the pixel in the middle of each decides.
func cells(of mask: BinaryMask, scale: Int) -> [String] {
  stride(from: scale / 2, to: mask.height, by: scale).map { y in
    String(stride(from: scale / 2, to: mask.width, by: scale).map { mask[x: $0, y: y] ? "#" : "." })
  }
}
