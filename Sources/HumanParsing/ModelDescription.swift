import M2FP

/// The numbers that a network's weights are kept in.
public enum Precision: String, Sendable, CaseIterable {
  case fp32, fp16, int8
}

/// What a weights file says about itself.
public struct ModelDescription: Sendable {
  /// The file's name.
  public let name: String
  /// Class names by index; for several humans the last one is the whole person.
  public let classes: [String]
  /// Whether it parses one person who fills the picture, without telling people apart.
  public let isSingleHuman: Bool
  public let precision: Precision
  public let parameterCount: Int

  init(_ file: WeightsFile) {
    name = file.name
    classes = file.configuration.model.classes
    isSingleHuman = file.configuration.model.singleHuman
    precision = Precision(rawValue: file.precision) ?? .fp32
    parameterCount = file.parameterCount
  }
}
