public import Foundation

/// A document of the COCO data set's form: pictures, categories and masks, as pycocotools reads it.
public struct COCODocument: Sendable, Hashable, Codable {
  /// What the document is, and who made it.
  public struct Info: Sendable, Hashable, Codable {
    /// What the document is.
    public var description: String
    /// The program that made it.
    public var contributor: String

    /// Information about a document.
    public init(description: String, contributor: String) {
      self.description = description
      self.contributor = contributor
    }
  }

  /// A license of pictures.
  public struct License: Sendable, Hashable, Codable {
    /// Number of the license.
    public var id: Int
    /// Name of the license.
    public var name: String
    /// Address of its text.
    public var url: String

    /// A license of the given name.
    public init(id: Int, name: String, url: String) {
      self.id = id
      self.name = name
      self.url = url
    }
  }

  /// A picture that annotations refer to.
  public struct Image: Sendable, Hashable, Codable {
    /// Number of the picture.
    public var id: Int
    /// Name of the picture's file.
    public var fileName: String
    /// Pixels in a row.
    public var width: Int
    /// Rows.
    public var height: Int

    /// A picture of the given size.
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

  /// A class that annotations refer to.
  public struct Category: Sendable, Hashable, Codable {
    /// Number of the category.
    public var id: Int
    /// Name of the category.
    public var name: String

    /// A category of the given name.
    public init(id: Int, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// A mask with its category.
  public struct Annotation: Sendable, Hashable, Codable {
    /// Number of the annotation.
    public var id: Int
    /// Number of the picture.
    public var imageID: Int
    /// Number of the category.
    public var categoryID: Int
    /// The mask.
    public var segmentation: Segmentation
    /// Pixels inside of the mask.
    public var area: Int
    /// The smallest rectangle that holds the mask.
    public var bbox: BoundingBox
    /// 0: a single object, as every mask of this package is.
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

    /// The annotation of a mask.
    ///
    /// - Parameters:
    ///   - id: Number of the annotation.
    ///   - imageID: Number of the picture.
    ///   - categoryID: Number of the category.
    ///   - mask: What is annotated; its area and box are taken from it, zeros for an empty mask.
    ///   - score: How sure the model is, 0 to 1.
    ///   - person: Number of the person, from 1; `nil` for nobody.
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
    /// Run lengths, column after column.
    case runLengths(RunLengths)
    /// x and y in turn, one list an outline.
    case polygons([[Int]])
  }

  /// What the document is, and who made it. pycocotools 2.0.10 loads results only into documents that say so.
  public var info: Info?
  /// Licenses of the pictures.
  public var licenses: [License]?
  /// Pictures of the document.
  public var images: [Image]
  /// Categories of the document.
  public var categories: [Category]
  /// Annotations of the document.
  public var annotations: [Annotation]

  /// A document of the given pictures, categories and annotations.
  public init(
    images: [Image], categories: [Category], annotations: [Annotation],
    info: Info? = Info(description: "Human parsing", contributor: "m2fp"), licenses: [License]? = []
  ) {
    self.info = info
    self.licenses = licenses
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

  /// Writes lists for polygons, an object for run lengths.
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

  /// Reads lists as polygons, an object as run lengths.
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
