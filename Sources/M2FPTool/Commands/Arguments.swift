public import ArgumentParser
package import EXRFiles
package import FrameSequences
public import HumanParsing
public import Logging
package import M2FP
import Platform

extension Precision: ExpressibleByArgument {}
extension Detail: ExpressibleByArgument {}
extension TemporalSmoothing: ExpressibleByArgument {}
extension CheckpointConverter.StoragePrecision: ExpressibleByArgument {}
extension CalibrationMethod: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
extension OutputKind: ExpressibleByArgument {}
extension PlateView.Curve: ExpressibleByArgument {}
extension ColorHandling: ExpressibleByArgument {}
extension EXRCompression: ExpressibleByArgument {}
extension MatteChannel: ExpressibleByArgument {}
extension MatteDepth: ExpressibleByArgument {}
extension MissingFramePolicy: ExpressibleByArgument {}
extension SequenceOutput: ExpressibleByArgument {}

/// A comma-separated list as the value of an option, such as `labels,color`. Empty and repeated items are ignored.
struct CommaList<Element: ExpressibleByArgument & Hashable>: ExpressibleByArgument {
  let elements: [Element]

  init?(argument: String) {
    var seen = Set<Element>()
    var elements: [Element] = []
    for item in argument.split(separator: ",") {
      guard let element = Element(argument: item.trimming(" ")) else { return nil }
      if seen.insert(element).inserted { elements.append(element) }
    }
    guard !elements.isEmpty else { return nil }
    self.elements = elements
  }

  static var allValueStrings: [String] { Element.allValueStrings }
}

extension Substring {
  fileprivate func trimming(_ character: Character) -> String {
    var rest = self
    while rest.first == character { rest.removeFirst() }
    while rest.last == character { rest.removeLast() }
    return String(rest)
  }
}

/// Rejects a path that is none of a file, or that is one of the files which the command reads.
func expectFile(_ path: String, otherThan inputs: [String], _ flag: String) throws {
  guard !path.isEmpty, path != "-" else { throw ValidationError("\(flag): expected a file, found \"\(path)\"") }
  let place = PathText.bytes(FilePath.canonical(path))
  if let input = inputs.first(where: { PathText.bytes(FilePath.canonical($0)) == place }) {
    throw ValidationError("\(flag): expected a file that is not the input \(input)")
  }
}
