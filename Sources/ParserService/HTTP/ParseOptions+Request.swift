import HumanParsing
import Hummingbird
package import MaskMerging

extension ParseOptions {
  static let queryNames = ["parts", "people", "palette", "order", "smoothing", "detail", "output"]

  /// Media type of the response that the client accepts.
  package enum Acceptance: Sendable {
    case json, png, zip
  }

  /// The options that a request states.
  ///
  /// - Parameters:
  ///   - query: The query parameters.
  ///   - classes: The classes of the model, which `parts` may name.
  ///   - acceptance: The media type that the client accepts.
  ///   - masksOnly: Whether the path is that of the list of masks.
  /// - Throws: `ServiceError` with the code `badRequest`.
  package init(
    _ query: Query, classes: [Label], acceptance: Acceptance, masksOnly: Bool
  ) throws(ServiceError) {
    self.init(form: masksOnly ? .masks : .parse)
    if let list = query["parts"] {
      do { parts = try Label.resolve(list, among: classes) } catch {
        throw ServiceError(
          .badRequest,
          "parts: expected some of \(classes.map(\.fileName).joined(separator: ", ")) or of the groups "
            + LabelGroup.standard.map { "@\($0.name)" }.joined(separator: ", "))
      }
    }
    if let list = query["people"] { people = try Self.numbers(list) }
    palette = try query.choice("palette", among: PaletteName.allCases.map { ($0.rawValue, $0) }, otherwise: .film)
    order = try query.choice("order", among: [("confidence", .byConfidence), ("area", .byArea)], otherwise: nil)
    smoothing = try query.choice(
      "smoothing", among: [("none", .none), ("median", .median3x3), ("antialiased", .antialiased)], otherwise: .none)
    detail = try query.choice("detail", among: Detail.allCases.map { ($0.rawValue, $0) }, otherwise: nil)
    form = try Self.form(query["output"], acceptance, json: form)
  }

  private static func numbers(_ list: String) throws(ServiceError) -> Set<Int> {
    var numbers: Set<Int> = []
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(item.drop { $0 == " " }), number >= 1 else {
        throw ServiceError(.badRequest, "people: expected numbers from 1 with commas between them")
      }
      numbers.insert(number)
    }
    return numbers
  }

  private static func form(_ list: String?, _ acceptance: Acceptance, json: Form) throws(ServiceError) -> Form {
    var outputs: Set<Output> = []
    for item in list?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
      guard let output = Output(rawValue: String(item)) else {
        throw ServiceError(
          .badRequest, "output: expected some of \(Output.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      outputs.insert(output)
    }
    switch acceptance {
    case .json:
      guard list == nil else {
        throw ServiceError(.badRequest, "output: JSON holds everything; it is for image/png and application/zip")
      }
      return json
    case .png:
      guard let output = list == nil ? .color : outputs.first, outputs.count <= 1, output.isPicture else {
        throw ServiceError(.badRequest, "output: for image/png, expected one of labels, color, cutout, overlay")
      }
      return .picture(output)
    case .zip: return .archive(list == nil ? archiveDefault : outputs)
    }
  }
}

extension ParseOptions.Acceptance {
  /// The type that an `Accept` header prefers among JSON, PNG and ZIP: the one with the highest quality, of equal ones the
  /// first (RFC 9110, section 12.5.1). JSON if there is no header.
  ///
  /// - Throws: `ServiceError` with the code `notAcceptable` if the header accepts none of them.
  package init(header: String?) throws(ServiceError) {
    guard let header, !header.allSatisfy(\.isWhitespace) else {
      self = .json
      return
    }
    var best: (quality: Double, acceptance: Self)?
    for range in header.split(separator: ",").prefix(64) {
      let fields = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
      guard let type = fields.first, let acceptance = Self(mediaRange: type) else { continue }
      let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if quality > best?.quality ?? 0 { best = (quality, acceptance) }
    }
    guard let best else {
      throw ServiceError(.notAcceptable, "responses are application/json, image/png or application/zip")
    }
    self = best.acceptance
  }

  private init?(mediaRange: String) {
    let offered: [(type: MediaType, acceptance: Self)] = [
      (.applicationJson, .json), (.imagePng, .png), (.applicationZip, .zip),
    ]
    // `MediaType` does not parse the range of all types, which Java's clients write as "*" too.
    let range = ["*/*", "*"].contains(mediaRange) ? MediaType(type: .any) : MediaType(from: mediaRange)
    guard let range, let match = offered.first(where: { $0.type.isType(range) }) else { return nil }
    self = match.acceptance
  }
}
