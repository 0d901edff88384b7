import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import NIOConcurrencyHelpers
import NIOCore
import TensorCore

/// What a client asked for, made from a parsing.
struct Rendering {
  let parsing: Parsing
  let photo: RGBImage
  let options: ParseOptions
  /// The name of the weights.
  let weights: String
  let context: ParsingEngine.WorkContext

  /// The bytes of the answer; of an object that `ParseAnswer` ends, all but the end.
  func body() throws -> ByteBuffer {
    switch options.form {
    case .parse: try parseReply()
    case .masks: ByteBuffer(bytes: try Self.encoder.encode(try maskEntries()) + [UInt8(ascii: "\n")])
    case .picture(let output): ByteBuffer(bytes: try picture(output))
    case .archive(let outputs): try archive(outputs)
    }
  }

  // MARK: What is meant

  private func isMeant(_ person: Int?) -> Bool {
    guard let people = options.people else { return true }
    return person.map { people.contains($0 + 1) } ?? false
  }

  /// The parts that count and that the client wants.
  private var parts: [Part] {
    parsing.parts.filter { part in
      part.score >= parsing.minimumScore && isMeant(part.person) && options.parts?.contains(part.label) ?? true
    }
  }

  /// The people who count and whom the client wants, by index.
  private var people: [(index: Int, person: Person)] {
    parsing.people.enumerated().filter { $1.score >= parsing.minimumScore && isMeant($0) }
      .map { (index: $0, person: $1) }
  }

  /// The union of some labels over the people who are meant.
  private func mask(of labels: [Label]) throws -> Mask {
    guard options.people != nil else { return parsing.mask(of: labels) }
    let masks = people.map { parsing.mask(of: labels, person: $0.index) }
    return masks.isEmpty ? parsing.mask(of: []) : try Mask.union(masks)
  }

  /// Mattes that follow the photograph take some 60 bytes a pixel while they are made; larger pictures get their masks as
  /// they are, so that a small file of many pixels does not fill the memory.
  private static let mostRefinedPixels = 12 << 20

  /// The photo with everything but what is meant transparent, as `m2fp parse` cuts it out; what is hidden is black.
  private func cutout() throws -> RGBAImage {
    guard photo.width * photo.height <= Self.mostRefinedPixels else {
      return try foreground.cutout(of: photo, edgeColors: .photograph).clearingHiddenColors()
    }
    let people = options.people.map { numbers in parsing.people.indices.filter { numbers.contains($0 + 1) } }
    return try parsing.layer(of: options.parts ?? [.human], from: photo, people: people).clearingHiddenColors()
  }

  /// The mask of what a cutout shows.
  private var foreground: Mask {
    get throws {
      if let parts = options.parts { return try mask(of: parts) }
      return options.people == nil ? parsing.foreground : try mask(of: [.human])
    }
  }

  // MARK: JSON

  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  private func parseReply() throws -> ByteBuffer {
    let people = people
    let masks = try encoded(people.map(\.person.mask))
    let reply = ParseReply(
      width: parsing.width, height: parsing.height, weights: weights, mergedMask: try picture(.color),
      masks: try maskEntries(),
      people: zip(people, masks).map { found, mask in
        ParseReply.PersonEntry(
          number: found.index + 1, score: found.person.score, area: found.person.area, box: found.person.box,
          parts: found.person.parts.filter { $0.score >= parsing.minimumScore }.map(\.label.name), mask: mask)
      })
    var text = try Self.encoder.encode(reply)
    text.removeLast()
    return ByteBuffer(bytes: text)
  }

  private func maskEntries() throws -> [ParseReply.MaskEntry] {
    let parts = parts
    return zip(parts, try encoded(parts.map(\.mask))).map { part, mask in
      ParseReply.MaskEntry(
        label: part.label.name, person: part.person.map { $0 + 1 }, score: part.score, area: part.area, box: part.box,
        mask: mask)
    }
  }

  /// Masks as PNG files, shared out over the threads.
  private func encoded(_ masks: [Mask]) throws -> [Data] {
    let results = WorkerPool.shared(threads: context.threads).map(masks.count) { index, _ in
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
