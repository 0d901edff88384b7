import Checkpoints

/// The parameters of inference in a training checkpoint, with every batch norm folded into the convolution before it.
///
/// A convolution x = W ∗ input followed by batch norm y = γ (x − μ) / √(σ² + ε) + β equals one convolution with weight
/// γ / √(σ² + ε) · W and bias β − γ μ / √(σ² + ε).
struct FoldedCheckpoint {
  let checkpoint: TrainingCheckpoint
  /// The file, for messages.
  let name: String

  /// The default of PyTorch and Detectron2.
  private static let epsilon: Float = 1e-5
  private static let normSuffixes = ["weight", "bias", "running_mean", "running_var"]

  /// Whether a tensor is none of the parameters of inference but allowed in a checkpoint: counters, the loss, and the
  /// pixel statistics, which are constants of the architecture. `n_averaged` counts for PyTorch's `AveragedModel`.
  private static func isIgnored(_ name: String) -> Bool {
    name.hasSuffix(".num_batches_tracked") || name.hasPrefix("criterion.") || name == "pixel_mean"
      || name == "pixel_std" || name == "n_averaged"
  }

  /// The names of the tensors in the checkpoint that `parameter` is computed from.
  private func sources(of parameter: Parameter) -> [String] {
    guard let norm = batchNorm(of: parameter) else { return [parameter.name] }
    let statistics = Self.normSuffixes.map { "\(norm).\($0)" }
    return parameter.name.hasSuffix(".weight") ? [parameter.name] + statistics : statistics
  }

  /// The batch norm behind the convolution that `parameter` belongs to, if the checkpoint has one.
  private func batchNorm(of parameter: Parameter) -> String? {
    let name = parameter.name
    guard let dot = name.lastIndex(of: "."), name.hasPrefix("backbone.") else { return nil }
    let norm = "\(name[..<dot]).norm"
    return checkpoint[name: "\(norm).running_var"] == nil ? nil : norm
  }

  /// Checks that the checkpoint holds exactly the tensors that the parameters are computed from.
  func check(_ parameters: [Parameter]) throws {
    let check = ParameterCheck(file: name)
    var used: Set<String> = []
    for parameter in parameters {
      let norm = batchNorm(of: parameter)
      if norm == nil || parameter.name.hasSuffix(".weight") {
        try check.check(parameter, shape: checkpoint[name: parameter.name]?.shape)
      }
      if let norm {
        for suffix in Self.normSuffixes {
          let statistic = Parameter("\(norm).\(suffix)", [parameter.shape[0]])
          try check.check(statistic, shape: checkpoint[name: statistic.name]?.shape)
        }
      }
      used.formUnion(sources(of: parameter))
    }
    try check.checkUnused(checkpoint.tensors.lazy.map(\.name).filter { !used.contains($0) && !Self.isIgnored($0) })
  }

  /// The values of a parameter, row-major.
  ///
  /// - Precondition: `check` has passed.
  ///
  /// - Throws: `M2FPError` with code `notFinite` where a value is NaN or infinite.
  func values(of parameter: Parameter) throws -> [Float] {
    guard let norm = batchNorm(of: parameter) else { return try finite(parameter.name) }
    let gamma = try finite("\(norm).weight")
    let beta = try finite("\(norm).bias")
    let mean = try finite("\(norm).running_mean")
    let variance = try finite("\(norm).running_var")
    let scale = zip(gamma, variance).map { $0 / ($1 + Self.epsilon).squareRoot() }
    if parameter.name.hasSuffix(".bias") {
      return try finite(beta.indices.map { beta[$0] - mean[$0] * scale[$0] }, parameter.name)
    }
    var weight = try finite(parameter.name)
    let count = weight.count / scale.count
    for output in scale.indices {
      for index in (output * count)..<((output + 1) * count) { weight[index] *= scale[output] }
    }
    return try finite(weight, parameter.name)
  }

  private func finite(_ name: String) throws -> [Float] {
    guard let tensor = checkpoint[name: name] else {
      throw M2FPError(.missingTensor, "\(self.name): the tensor \(name) is missing")
    }
    return try finite(tensor.floats(), name)
  }

  private func finite(_ values: [Float], _ name: String) throws -> [Float] {
    guard values.withUnsafeBufferPointer({ $0.firstNonFiniteIndex == nil }) else {
      throw M2FPError(.notFinite, "\(self.name): \(name) must hold finite numbers, found NaN or infinity")
    }
    return values
  }
}
