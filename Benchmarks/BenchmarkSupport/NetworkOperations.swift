package import M2FP

/// Operations of one forward pass, stage by stage, for a configuration and an input size, from `NetworkDescription`.
package struct NetworkOperations {
  /// Stages in the order of the pass, with the names that `bench engine` prints.
  package private(set) var stages: [(name: String, operations: OperationCount)] = []

  package init(_ configuration: Configuration, size: InputSize) {
    for operation in NetworkDescription(configuration).operations {
      let count = OperationCount(operation, size: size)
      if let index = stages.firstIndex(where: { $0.name == operation.stage }) {
        stages[index].operations += count
      } else {
        stages.append((operation.stage, count))
      }
    }
  }

  package var total: OperationCount { stages.reduce(OperationCount()) { $0 + $1.operations } }

  package subscript(name: String) -> OperationCount? { stages.first { $0.name == name }?.operations }
}

extension OperationCount {
  fileprivate init(_ operation: NetworkOperation, size: InputSize) {
    let (input, output) = (operation.input, operation.output)
    let inputRows = input.rowCount(height: size.height, width: size.width)
    let rows = output.rowCount(height: size.height, width: size.width)
    switch operation.kind {
    case .layer(let kernel):
      self = .convolution(
        pixels: inputRows, to: rows, inputs: input.channels, outputs: output.channels, kernel: kernel)
    case .attention:
      self = .attention(queries: rows, keys: inputRows, width: output.channels)
    case .deformableAttention(let heads, let samples):
      self = .deformableAttention(tokens: rows, width: output.channels, heads: heads, samples: samples)
    case .product:
      self = .product(rows: rows, depth: output.channels, columns: inputRows)
    }
  }
}
