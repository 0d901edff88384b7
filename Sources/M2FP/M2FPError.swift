/// Failure to make a network of a configuration or a weights file.
public struct M2FPError: Error, Sendable, CustomStringConvertible {
  /// Kind of a failure; later versions may add to it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    /// Name of the code.
    public let description: String
    package init(_ description: String) { self.description = description }

    /// The configuration is not JSON, lacks a key, or asks for something that does not exist.
    public static let invalidConfiguration = Code("invalidConfiguration")
    /// The file is not one that `m2fp convert` wrote.
    public static let notAWeightsFile = Code("notAWeightsFile")
    /// The file was written for a newer version of this package.
    public static let newerVersion = Code("newerVersion")
    /// A parameter of the network is absent from the file.
    public static let missingTensor = Code("missingTensor")
    /// The file holds a tensor that the network has no place for.
    public static let unusedTensor = Code("unusedTensor")
    /// A tensor has another shape than the configuration asks for.
    public static let misshapenTensor = Code("misshapenTensor")
    /// A tensor's elements are of a type that it cannot have.
    public static let wrongElementType = Code("wrongElementType")
    /// A scale or zero point is out of range, or contradicts another of the same tensor.
    public static let invalidQuantization = Code("invalidQuantization")
    /// The file to quantize is int8 already.
    public static let alreadyQuantized = Code("alreadyQuantized")
    /// A name matches none of the network's layers.
    public static let unknownLayer = Code("unknownLayer")
    /// A tensor holds NaN or infinity.
    public static let notFinite = Code("notFinite")
    /// A library that only some systems have is needed.
    public static let missingLibrary = Code("missingLibrary")
    /// The pass was stopped by its forward hook.
    public static let cancelled = Code("cancelled")
  }

  /// Kind of failure, for programs to tell apart.
  public let code: Code
  /// One sentence that names the file or field, what was expected and what was found.
  public let message: String
  /// The error beneath, if there is one.
  public let cause: (any Error)?

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The message.
  public var description: String { message }
}
