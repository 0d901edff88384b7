import Foundation
import HumanParsing
import MaskMerging

/// Parses a photograph as any program would that depends on the package, and paints its masks with `MaskMerging`.
///
/// Arguments: the photograph, and the weights file where the package is used without its starter weights.
@main
enum Consumer {
  struct NobodyFound: Error {}

  static func main() throws {
    let photo = URL(filePath: CommandLine.arguments[1])
    #if WITHOUT_TRAITS
      let parser = try HumanParser(weights: URL(filePath: CommandLine.arguments[2]), options: .init(threads: 2))
    #else
      let parser = try HumanParser(options: .init(threads: 2))
    #endif
    let parsing = try parser.parse(contentsOf: photo)
    guard !parsing.people.isEmpty else { throw NobodyFound() }
    let merged = try mergeMasks(parsing.parts.map(\.mask), labels: parsing.parts.map(\.label), order: .byArea)
    print(
      "\(photo.lastPathComponent): \(parsing.people.count) people, \(parsing.parts.count) parts,",
      "\(merged.width) x \(merged.height) pixels, with \(parser.model.name)")
  }
}
