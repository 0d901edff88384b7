import M2FP

/// Precision of a network's weights.
public enum Precision: String, Sendable, CaseIterable {
  /// 32-bit floating point.
  case fp32
  /// 16-bit floating point in the file; computation is in fp32.
  case fp16
  /// 8-bit integers, with 32-bit accumulation.
  case int8
}

/// Description of the network in a weights file.
public struct ModelDescription: Sendable {
  /// Name of the file.
  public let name: String
  /// Names of the classes by index; of a network for several people, the last class is the whole person.
  public let classes: [String]
  /// Whether the network parses a single person who fills the picture, and does not tell people apart.
  public let isSingleHuman: Bool
  /// Precision that the weights are stored in.
  public let precision: Precision
  /// Number of the network's parameters.
  public let parameterCount: Int

  init(_ file: WeightsFile) {
    name = file.name
    classes = file.configuration.model.classes
    isSingleHuman = file.configuration.model.singleHuman
    precision = Precision(rawValue: file.precision) ?? .fp32
    parameterCount = file.parameterCount
  }
}
