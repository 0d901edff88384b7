import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import NIOCore
import Synchronization
import TensorCore

/// Renderer of the response that a request asks for, from a parsing.
struct ResponseRenderer {
  let parsing: Parsing
  let photo: RGBImage
  /// The photo's own alpha, which cutouts keep; `nil` where all of it is opaque.
  let alpha: GrayImage?
  let options: ParseOptions
  /// Name of the weights.
  let weights: String
  let context: ParsingEngine.WorkContext

  /// The body of the response; for `Form.parse`, without the members that `EncodedResponse` appends.
  func body() throws -> ByteBuffer {
    switch options.form {
    case .parse: try parseResponse()
    case .masks: ByteBuffer(bytes: try ResponseJSON.data(try maskEntries()) + [UInt8(ascii: "\n")])
    case .picture(let output): ByteBuffer(bytes: try picture(output))
    case .archive(let outputs): try archive(outputs)
    }
  }

  // MARK: Selection

  private func isSelected(_ person: Int?) -> Bool {
    guard let people = options.people else { return true }
    return person.map { people.contains($0 + 1) } ?? false
  }

  /// The selected parts whose scores reach the threshold.
  private var parts: [Part] {
    parsing.parts.filter { part in
      part.score >= parsing.minimumScore && isSelected(part.person) && options.parts?.contains(part.label) ?? true
    }
  }

  /// The selected people whose scores reach the threshold, with their indices.
  private var people: [(index: Int, person: Person)] {
    parsing.people.enumerated().filter { $1.score >= parsing.minimumPersonScore && isSelected($0) }
      .map { (index: $0, person: $1) }
  }

  /// The union of the masks of some labels over the selected people.
  private func mask(of labels: [Label]) throws -> Mask {
    guard options.people != nil else { return parsing.mask(of: labels) }
    let masks = people.map { parsing.mask(of: labels, person: $0.index) }
    return masks.isEmpty ? parsing.mask(of: []) : try Mask.union(masks)
  }

  /// Largest picture whose cutout gets a matte fitted to the photograph, which takes some 60 bytes per pixel. Larger
  /// pictures are cut out with their masks, so that a small file of many pixels does not exhaust the memory.
  private static let maximumRefinedPixels = 12 << 20

  /// The photo with everything that is not selected transparent, as `m2fp parse` cuts it out; transparent pixels are black.
  private func cutout() throws -> RGBAImage {
    let layer = try layer()
    return try (alpha.map(layer.multipliedAlpha(by:)) ?? layer).clearingHiddenColors()
  }

  private func layer() throws -> RGBAImage {
    guard photo.width * photo.height <= Self.maximumRefinedPixels else {
      return try foreground.cutout(of: photo, edgeColors: .photograph)
    }
    let people = options.people.map { numbers in parsing.people.indices.filter { numbers.contains($0 + 1) } }
    return try parsing.layer(of: options.parts ?? [.human], from: photo, people: people)
  }

  /// The mask of the cutout.
  private var foreground: Mask {
    get throws {
      if let parts = options.parts { return try mask(of: parts) }
      return options.people == nil ? parsing.foreground : try mask(of: [.human])
    }
  }

  // MARK: JSON

  private func parseResponse() throws -> ByteBuffer {
    let people = people
    let masks = try encoded(people.map(\.person.mask))
    let response = ParseResponse(
      width: parsing.width, height: parsing.height, weights: weights, mergedMask: try picture(.color),
      masks: try maskEntries(),
      people: zip(people, masks).map { found, mask in
        ParseResponse.PersonEntry(
          number: found.index + 1, score: found.person.score, area: found.person.area, box: found.person.box,
          parts: found.person.parts.filter { $0.score >= parsing.minimumScore }.map(\.label.name),
          unsure: found.person.isUnsure, mask: mask)
      })
    var text = try ResponseJSON.data(response)
    // The closing brace.
    text.removeLast()
    return ByteBuffer(bytes: text)
  }

  private func maskEntries() throws -> [ParseResponse.MaskEntry] {
    let parts = parts
    return zip(parts, try encoded(parts.map(\.mask))).map { part, mask in
      ParseResponse.MaskEntry(
        label: part.label.name, person: part.person.map { $0 + 1 }, score: part.score, area: part.area, box: part.box,
        mask: mask)
    }
  }

  /// Masks as PNG files, encoded in parallel.
  private func encoded(_ masks: [Mask]) throws -> [Data] {
    let results = WorkerPool.shared(threads: context.threads)
      .map(masks.count) { [context] index, _ in
        Result {
          try context.check()
          return try masks[index].alpha8().pngData(compression: .fast)
        }
      }
    return try results.map { try $0.get() }
  }

  // MARK: Pictures and archives

  private func picture(_ output: ParseOptions.Output) throws -> Data {
    try context.check()
    let palette = options.palette.palette
    switch output {
    case .labels:
      let colors = palette.colors(of: parsing.classes).map { (red: $0.red, green: $0.green, blue: $0.blue) }
      return try parsing.labelMap.pngData(palette: colors, compression: .flat)
    case .cutout: return try cutout().pngData(compression: .fast)
    case .overlay: return try parsing.overlay(on: photo, palette: palette).pngData(compression: .fast)
    default:
      return try parsing.colorMap(palette: palette, order: options.order, smoothing: options.smoothing)
        .pngData(compression: .flat)
    }
  }

  private func archive(_ outputs: Set<ParseOptions.Output>) throws -> ByteBuffer {
    var archive = ZIPWriter()
    for output in ParseOptions.Output.allCases where outputs.contains(output) {
      for (name, data) in try files(of: output) { try archive.add(name, data) }
    }
    return archive.finish()
  }

  private func files(of output: ParseOptions.Output) throws -> [(name: String, data: Data)] {
    switch output {
    case .json: return [("parsing.json", try parsing.summary(weights: weights).json())]
    case .labels, .color, .cutout, .overlay: return [("\(output.rawValue).png", try picture(output))]
    case .parts:
      let labels = options.parts ?? parsing.classes.filter { $0 != .background && $0 != .human }
      return zip(labels, try encoded(try labels.map { try mask(of: [$0]) })).map { ("parts/\($0.fileName).png", $1) }
    case .people:
      let people = people
      return zip(people, try encoded(people.map(\.person.mask))).map { ("people/\(Self.name($0.index)).png", $1) }
    case .masks:
      var taken: [String: Int] = [:]
      return zip(parts, try encoded(parts.map(\.mask))).map { part, data in
        let stem = [part.person.map(Self.name), part.label.fileName].compactMap { $0 }.joined(separator: "-")
        taken[stem, default: 0] += 1
        let number = taken[stem, default: 1]
        return ("masks/\(stem)\(number > 1 ? "-\(number)" : "").png", data)
      }
    }
  }

  /// `p01` for the first person.
  private static func name(_ person: Int) -> String { "p\(person < 9 ? "0" : "")\(person + 1)" }
}
