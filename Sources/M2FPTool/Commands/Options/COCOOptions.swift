import ArgumentParser
import HumanParsing
import Platform

/// Flags for COCO documents.
struct COCOOptions: ParsableArguments {
  @Flag(help: "Write outlines as polygons instead of run lengths; holes are left out.")
  var cocoPolygons = false

  @Option(
    help: ArgumentHelp(
      "Id of the first category, 0 or 1. With 0, which is the default, ids are class indices.", valueName: "id"))
  var cocoCategoriesFrom: Int?

  @Option(
    help: ArgumentHelp(
      "Write one document for all pictures into this file, instead of one beside each.", valueName: "file"))
  var cocoFile: String?

  func validate() throws {
    if let first = cocoCategoriesFrom, !(0...1).contains(first) {
      throw ValidationError("--coco-categories-from: expected 0 or 1, found \(first)")
    }
    if cocoFile == "" { throw ValidationError("--coco-file: expected a file, found an empty name") }
  }

  /// The flags that were given and need a COCO document to be written.
  var given: [String] {
    (cocoPolygons ? ["--coco-polygons"] : []) + (cocoCategoriesFrom == nil ? [] : ["--coco-categories-from"])
  }

  var form: COCOForm { COCOForm(asPolygons: cocoPolygons, firstCategoryID: cocoCategoriesFrom ?? 0) }
}
