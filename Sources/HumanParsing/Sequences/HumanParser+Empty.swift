import ImageCoding
import MaskMerging

extension HumanParser {
  /// The parsing of a picture in which there is nobody, such as one that stands for a missing frame.
  ///
  /// - Throws: `ImageCodingError` unless width and height are at least 1.
  package func emptyParsing(width: Int, height: Int) throws -> Parsing {
    let map = try LabelMap(width: width, height: height, indices: Array(repeating: 0, count: width * height))
    let classes = model.classes.map { Label($0) }
    return Parsing(
      classes: classes, people: [], parts: [], labelMap: map, minimumScore: 0, minimumPersonScore: 0, pool: pool)
  }
}
