import HTTPTypes
import Hummingbird
package import HummingbirdCore
package import MaskMerging

/// The query parameters of a request, which carry the names of the command line's flags. Unknown ones and repetitions
/// are refused, so that a misspelled one does not pass unseen.
package struct Query {
  private var values: [String: String] = [:]

  /// - Throws: `badRequest`.
  package init(_ uri: URI, allowing names: [String]) throws(ServiceError) {
    for (name, value) in uri.queryParameters where !name.isEmpty {
      let name = String(name)
      guard names.contains(name) else {
        throw ServiceError(
          .badRequest,
          names.isEmpty
            ? "this path knows no query parameters" : "the query parameters are \(names.joined(separator: ", "))")
      }
      guard values.updateValue(String(value), forKey: name) == nil else {
        throw ServiceError(.badRequest, "\(name): expected one value, found several")
      }
    }
  }

  package subscript(name: String) -> String? { values[name] }

  /// One of a few words.
  func choice<Value>(_ name: String, among choices: [(String, Value)], otherwise: Value) throws(ServiceError) -> Value {
    guard let value = values[name] else { return otherwise }
    guard let found = choices.first(where: { $0.0 == value }) else {
      throw ServiceError(.badRequest, "\(name): expected one of \(choices.map(\.0).joined(separator: ", "))")
    }
    return found.1
  }
}

extension ParseOptions {
  static let queryNames = ["parts", "people", "palette", "order", "smoothing", "output"]

  /// The form that a client accepts.
  package enum Acceptance: Sendable {
    case json, png, zip
  }

  /// Reads what a client asks for.
  ///
  /// - Parameters:
  ///   - classes: The model's, which `parts` may name.
  ///   - masksOnly: Whether the path is that of the list of masks.
  /// - Throws: `badRequest`.
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
    form = try Self.form(query["output"], acceptance, json: form)
  }

  private static func numbers(_ list: String) throws(ServiceError) -> Set<Int> {
    var numbers: Set<Int> = []
    for item in list.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(item), number >= 1 else {
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
    case .zip: return .archive(list == nil ? archived : outputs)
    }
  }
}
