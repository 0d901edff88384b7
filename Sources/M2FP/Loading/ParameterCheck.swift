/// Compares what a file holds with what a network needs: nothing missing, nothing over, every shape right.
struct ParameterCheck {
  /// The file, for messages.
  let file: String

  /// - Throws: `M2FPError` that names the first tensor that does not fit.
  func check(found: [Parameter], expected: [Parameter]) throws {
    let shapes = Dictionary(found.map { ($0.name, $0.shape) }) { first, _ in first }
    for parameter in expected { try check(parameter, shape: shapes[parameter.name]) }
    let names = Set(expected.map(\.name))
    try checkUnused(found.lazy.map(\.name).filter { !names.contains($0) })
  }

  func check(_ parameter: Parameter, shape: [Int]?) throws {
    guard let shape else {
      throw M2FPError(
        .missingTensor, "\(file): the tensor \(parameter.name) of shape \(parameter.shape) is missing")
    }
    guard shape == parameter.shape else {
      throw M2FPError(
        .misshapenTensor, "\(file): the tensor \(parameter.name) must have shape \(parameter.shape), found \(shape)")
    }
  }

  func checkUnused(_ names: some Sequence<String>) throws {
    let unused = names.sorted()
    guard let first = unused.first else { return }
    let others = unused.count == 1 ? "" : " and \(unused.count - 1) more"
    throw M2FPError(
      .unusedTensor, "\(file): the configuration has no place for the tensor \(first)\(others)")
  }
}
