public import Foundation

/// A document of the COCO data set's form: pictures, categories and masks, as pycocotools reads it.
public struct COCODocument: Sendable, Hashable, Codable {
  public struct Image: Sendable, Hashable, Codable {
    public var id: Int
    public var fileName: String
    public var width: Int
    public var height: Int

    public init(id: Int, fileName: String, width: Int, height: Int) {
      self.id = id
      self.fileName = fileName
      self.width = width
      self.height = height
    }

    private enum CodingKeys: String, CodingKey {
      case id, width, height
      case fileName = "file_name"
    }
  }

  public struct Category: Sendable, Hashable, Codable {
    public var id: Int
    public var name: String

    public init(id: Int, name: String) {
      self.id = id
      self.name = name
    }
  }

  public struct Annotation: Sendable, Hashable, Codable {
    public var id: Int
    public var imageID: Int
    public var categoryID: Int
    public var segmentation: Segmentation
    /// Pixels inside of the mask.
    public var area: Int
    public var bbox: BoundingBox
    public var isCrowd: Int
    /// How sure the model is.
    public var score: Float
    /// The number of the person whom a part belongs to, or of the person itself; from 1.
    public var person: Int?

    private enum CodingKeys: String, CodingKey {
      case id, segmentation, area, bbox, score, person
      case imageID = "image_id"
      case categoryID = "category_id"
      case isCrowd = "iscrowd"
    }

    /// - Parameters:
    ///   - mask: What is annotated; its area and box are taken from it, zeros for an empty mask.
    ///   - asPolygons: Write outlines instead of run lengths. COCO's polygons know no holes: holes are left out.
    public init(
      id: Int, imageID: Int, categoryID: Int, mask: BinaryMask, score: Float, person: Int? = nil,
      asPolygons: Bool = false
    ) {
      self.id = id
      self.imageID = imageID
      self.categoryID = categoryID
      segmentation =
        asPolygons
        ? .polygons(mask.polygons().filter { !$0.isHole }.map(\.coordinates)) : .runLengths(RunLengths(mask))
      area = mask.area
      bbox = mask.box ?? BoundingBox(x: 0, y: 0, width: 0, height: 0)
      isCrowd = 0
      self.score = score
      self.person = person
    }
  }

  /// The form of a mask.
  public enum Segmentation: Sendable, Hashable {
    case runLengths(RunLengths)
    /// x and y in turn, one list an outline.
    case polygons([[Int]])
  }

  public var images: [Image]
  public var categories: [Category]
  public var annotations: [Annotation]

  public init(images: [Image], categories: [Category], annotations: [Annotation]) {
    self.images = images
    self.categories = categories
    self.annotations = annotations
  }

  /// JSON text, its keys in alphabetical order, with a line end.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(self)
    text.append(UInt8(ascii: "\n"))
    return text
  }
}

/// A list of lists for polygons; `{"size": [height, width], "counts": "…"}` for run lengths.
extension COCODocument.Segmentation: Codable {
  private enum CodingKeys: String, CodingKey {
    case size, counts
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .polygons(let polygons):
      var container = encoder.singleValueContainer()
      try container.encode(polygons)
    case .runLengths(let runs):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode([runs.height, runs.width], forKey: .size)
      try container.encode(runs.compressed, forKey: .counts)
    }
  }

  public init(from decoder: any Decoder) throws {
    if let polygons = try? decoder.singleValueContainer().decode([[Int]].self) {
      self = .polygons(polygons)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let size = try container.decode([Int].self, forKey: .size)
    guard size.count == 2 else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: container, debugDescription: "a size is [height, width], not \(size.count) numbers")
    }
    self = .runLengths(
      try RunLengths(compressed: container.decode(String.self, forKey: .counts), width: size[1], height: size[0]))
  }
}
