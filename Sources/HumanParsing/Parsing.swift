public import ImageCoding
public import MaskMerging
import TensorCore

/// Result of parsing one picture: its people, their parts, and the class of every pixel.
///
/// Masks are stored as the network predicts them, on a coarse grid, and interpolated to the picture's size on demand.
public struct Parsing: Sendable {
  /// Pixels in a row of the picture, after its EXIF orientation was applied.
  public let width: Int
  /// Rows of the picture.
  public let height: Int
  /// Classes of the model by index, as ``labelMap`` refers to them.
  public let classes: [Label]
  /// People, most confident first. A model for single humans gives one person, the union of all parts, or nobody where
  /// there is no part.
  public let people: [Person]
  /// All parts in the network's order, also those that belong to nobody.
  ///
  /// A model for several humans lists every part with a score of at least 0.1; one for single humans has one part for
  /// each class that occurs, by class index.
  public let parts: [Part]
  /// The class of each pixel, at the picture's size.
  public let labelMap: LabelMap
  /// Least score of a part that counts, from the model's configuration (`parsing_ins_score_thr`); 0 for models for
  /// single humans, whose parts are decided pixel by pixel.
  public let minimumScore: Float
  /// Least score of a person that counts, from the model's configuration (`person_score_thr`, which is
  /// `parsing_ins_score_thr` if absent); 0 for models for single humans.
  public let minimumPersonScore: Float
  /// Duration of each step.
  public package(set) var timings: Timings

  let pool: WorkerPool

  init(
    classes: [Label], people: [Person], parts: [Part], labelMap: LabelMap, minimumScore: Float,
    minimumPersonScore: Float, pool: WorkerPool
  ) {
    width = labelMap.width
    height = labelMap.height
    self.classes = classes
    self.people = people
    self.parts = parts
    self.labelMap = labelMap
    self.minimumScore = minimumScore
    self.minimumPersonScore = minimumPersonScore
    timings = Timings()
    self.pool = pool
  }
}

/// One person.
public struct Person: Sendable {
  /// How confident the network is, 0 to 1: class probability times mean probability of the mask. For a model for single
  /// humans, the mean of the parts' scores by area.
  public let score: Float
  /// The smallest rectangle that holds the mask, in pixels of the picture.
  public let box: BoundingBox
  /// Number of pixels inside of the mask.
  public let area: Int
  /// Probability of each pixel to belong to the person.
  public let mask: Mask
  /// The parts that belong to this person, in the order of ``Parsing/parts``.
  public let parts: [Part]
  /// The network's description of the person, by which they are known again in another picture; empty for models for
  /// single humans.
  package var embedding: [Float] = []
}

/// One part of a person, such as hair or a shoe.
public struct Part: Sendable {
  /// Class of the part.
  public let label: Label
  /// How confident the network is, 0 to 1: class probability times mean probability of the mask. For a model for single
  /// humans it is ModelScope's score of a class, the mean logistic function of the probability.
  public let score: Float
  /// The smallest rectangle that holds the mask, in pixels of the picture.
  public let box: BoundingBox
  /// Number of pixels inside of the mask.
  public let area: Int
  /// Probability of each pixel to belong to the part.
  public let mask: Mask
  /// Index into ``Parsing/people`` of the person whose mask covers most of the part; `nil` where no mask covers 30 % of it.
  public let person: Int?
}

/// Durations of the steps of a parsing in milliseconds; 0 for a step that did not happen.
public struct Timings: Sendable, Hashable, Codable {
  /// Reading and decoding the picture.
  public var decode = 0.0
  /// Resizing and normalizing the picture.
  public var preprocess = 0.0
  /// The network's forward pass.
  public var forward = 0.0
  /// Making people, parts and the label map of the network's output.
  public var postprocess = 0.0
  /// Encoding the results, in programs that write files.
  public var encode = 0.0

  /// Timings of a parsing that has not begun.
  public init() {}
}
