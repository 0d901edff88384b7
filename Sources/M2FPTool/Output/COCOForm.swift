import HumanParsing
import MaskMerging
import Platform

/// The form of COCO documents: how masks are written, and how things are numbered.
struct COCOForm {
  var asPolygons = false
  var firstCategoryID = 0

  /// The document of one picture. Its ids are made from the picture's name, so that they stay unique when documents are
  /// merged.
  ///
  /// - Parameters:
  ///   - parsing: The parsing of the picture.
  ///   - fileName: Name of the picture in the document.
  ///   - name: Name of the picture as the user gave it.
  func document(of parsing: Parsing, fileName: String, name: String) -> COCODocument {
    let id = Self.imageID(of: name)
    return document(of: parsing, fileName: fileName, imageID: id, firstAnnotationID: id << Self.annotationBits | 1)
  }

  func document(
    of parsing: Parsing, fileName: String, imageID: Int, firstAnnotationID: Int
  ) -> COCODocument {
    parsing.coco(
      fileName: fileName, imageID: imageID, firstAnnotationID: firstAnnotationID, firstCategoryID: firstCategoryID,
      asPolygons: asPolygons)
  }

  /// Numbers of annotations are exact in programs whose numbers are 64-bit floats: 40 bits of the picture's, and these.
  private static let annotationBits = 13

  /// A number from 1 to 2⁴⁰ - 1: the FNV-1a hash of the name's bytes, folded. Of a hundred thousand pictures, two have the
  /// same with a probability below 1 %.
  static func imageID(of name: String) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in PathText.bytes(name) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let mask: UInt64 = 1 << 40 - 1
    return max(Int((hash >> 40 ^ hash) & mask), 1)
  }
}
