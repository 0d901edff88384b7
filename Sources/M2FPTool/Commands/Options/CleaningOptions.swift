import ArgumentParser
import MaskMerging

/// Flags for cleaning the masks of people and parts.
struct CleaningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Remove connected areas of fewer pixels from masks.", valueName: "area"))
  var removeSpecks: Int?

  @Option(help: ArgumentHelp("Fill holes of fewer pixels in masks.", valueName: "area"))
  var fillHoles: Int?

  @Flag(help: "Keep only the largest connected area of each mask.")
  var largestComponent = false

  func validate() throws {
    try expect(removeSpecks, in: 0...Int(Int32.max), "--remove-specks")
    try expect(fillHoles, in: 0...Int(Int32.max), "--fill-holes")
  }

  /// The cleaning; `nil` for none.
  var cleaning: MaskCleaning? {
    let cleaning = MaskCleaning(
      smallestSpeck: removeSpecks ?? 0, smallestHole: fillHoles ?? 0, largestOnly: largestComponent)
    return cleaning == MaskCleaning() ? nil : cleaning
  }
}
