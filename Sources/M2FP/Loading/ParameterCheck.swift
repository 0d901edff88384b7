import Checkpoints

/// Compares the tensors of a file with the parameters of a network: none missing, none unused, every shape and type
/// right.
struct ParameterCheck {
  /// The file, for messages.
  let file: String

  /// - Throws: `M2FPError` that names the first tensor that does not fit.
  func check(found: [CheckpointTensor], expected: [Parameter]) throws {
    let tensors = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
    for parameter in expected {
      try check(parameter, shape: tensors[parameter.name]?.shape)
      try check(parameter, type: tensors[parameter.name]?.elementType)
    }
    let names = Set(expected.map(\.name))
    try checkUnused(found.lazy.map(\.name).filter { !names.contains($0) })
  }

  /// Whether the file is named like one of several that hold a checkpoint: `model-00001-of-00002.safetensors`.
  private var isPart: Bool { file.contains(#/-\d{5}-of-\d{5}\./#) }

  func check(_ parameter: Parameter, shape: [Int]?) throws {
    guard let shape else {
      let hint =
        isPart ? "; by its name the file is one of several: load all in Python and save one state dictionary" : ""
      throw M2FPError(
        .missingTensor, "\(file): the tensor \(parameter.name) of shape \(parameter.shape) is missing\(hint)")
    }
    guard shape == parameter.shape else {
      throw M2FPError(
        .misshapenTensor, "\(file): the tensor \(parameter.name) must have shape \(parameter.shape), found \(shape)")
    }
  }

  private func check(_ parameter: Parameter, type: ElementType?) throws {
    guard let type, !parameter.elements.types.contains(type) else { return }
    let expected = parameter.elements.types.map(\.rawValue).joined(separator: " or ")
    throw M2FPError(
      .wrongElementType, "\(file): the tensor \(parameter.name) must be of type \(expected), found \(type.rawValue)")
  }

  func checkUnused(_ names: some Sequence<String>) throws {
    let unused = names.sorted()
    guard let first = unused.first else { return }
    let others = unused.count == 1 ? "" : " and \(unused.count - 1) more"
    throw M2FPError(
      .unusedTensor, "\(file): the configuration has no place for the tensor \(first)\(others)")
  }
}
