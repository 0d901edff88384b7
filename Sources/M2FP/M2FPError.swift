/// Why a configuration or a weights file cannot become a network.
public struct M2FPError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure; later versions may add more.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    package init(_ description: String) { self.description = description }

    /// The configuration is not JSON, lacks a key, or asks for something that does not exist.
    public static let invalidConfiguration = Code("invalid configuration")
    /// The file is not one that `m2fp convert` wrote.
    public static let notAWeightsFile = Code("not a weights file")
    /// The file was written for a newer version of this package.
    public static let newerVersion = Code("newer version")
    /// A parameter of the network is absent from the file.
    public static let missingTensor = Code("missing tensor")
    /// The file holds a tensor that the network has no place for.
    public static let unusedTensor = Code("unused tensor")
    /// A tensor has another shape than the configuration asks for.
    public static let misshapenTensor = Code("misshapen tensor")
    /// A tensor's elements are of a type that it cannot have.
    public static let wrongElementType = Code("wrong element type")
    /// A scale or zero point is out of range, or contradicts another of the same tensor.
    public static let invalidQuantization = Code("invalid quantization")
    /// The file to quantize is int8 already.
    public static let alreadyQuantized = Code("already quantized")
    /// A name matches none of the network's layers.
    public static let unknownLayer = Code("unknown layer")
    /// A tensor holds NaN or infinity.
    public static let notFinite = Code("not finite")
    /// The pass was stopped by its forward hook.
    public static let cancelled = Code("cancelled")
  }

  public let code: Code
  /// One sentence for a person: which file or field, what was expected, what was found.
  public let message: String
  public let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  public var description: String { cause.map { "\(message) (\($0))" } ?? message }
}
