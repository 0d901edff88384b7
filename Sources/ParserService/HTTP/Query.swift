import Foundation
package import HummingbirdCore

/// The query parameters of a request, named like the flags of the command line. Unknown and repeated parameters are errors,
/// so that a misspelled one does not go unnoticed. As forms write it, `+` is a space; no value has one of its own.
package struct Query {
  private var values: [String: String] = [:]

  /// - Throws: `ServiceError` with the code `badRequest`.
  package init(_ uri: URI, allowing names: [String]) throws(ServiceError) {
    for (name, value) in uri.queryParameters where !name.isEmpty {
      let name = name.removingPercentEncoding ?? String(name)
      guard names.contains(name) else {
        throw ServiceError(
          .badRequest,
          names.isEmpty
            ? "this path knows no query parameters" : "the query parameters are \(names.joined(separator: ", "))")
      }
      guard values.updateValue(String(value.replacing("+", with: " ")), forKey: name) == nil else {
        throw ServiceError(.badRequest, "\(name): expected one value, found several")
      }
    }
  }

  package subscript(name: String) -> String? { values[name] }

  /// The value of a parameter that takes one of several words.
  ///
  /// - Throws: `ServiceError` with the code `badRequest` for any other word.
  func choice<Value>(_ name: String, among choices: [(String, Value)], otherwise: Value) throws(ServiceError) -> Value {
    guard let value = values[name] else { return otherwise }
    guard let found = choices.first(where: { $0.0 == value }) else {
      throw ServiceError(.badRequest, "\(name): expected one of \(choices.map(\.0).joined(separator: ", "))")
    }
    return found.1
  }
}
