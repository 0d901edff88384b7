package import TensorCore
import TensorKernels

// The kernels work on views. These forms take the tensors themselves, so that the compiler keeps them alive.

extension Convolution {
  func callAsFunction(_ x: borrowing Tensor, activation: Activation = .none, _ execution: Execution) -> Tensor {
    self(x.map, activation: activation, execution)
  }

  func callAsFunction(
    _ x: borrowing Tensor, activation: Activation, residual: borrowing Tensor, _ execution: Execution
  ) -> Tensor {
    self(x.map, activation: activation, residual: residual.map, execution)
  }
}

extension Linear {
  func callAsFunction(_ x: borrowing Tensor, activation: Activation = .none, _ execution: Execution) -> Tensor {
    self(x.matrix, activation: activation, execution)
  }

  func callAsFunction(_ x: borrowing Tensor, residual: borrowing Tensor, _ execution: Execution) -> Tensor {
    self(x.matrix, activation: .none, residual: residual.matrix, execution)
  }
}

func maxPool(_ x: borrowing Tensor, kernel: Int, stride: Int, padding: Int, _ execution: Execution) -> Tensor {
  maxPool(x.map, kernel: kernel, stride: stride, padding: padding, execution)
}

/// a + b, element by element, as a new tensor of a's shape.
func sum(_ a: borrowing Tensor, _ b: borrowing Tensor, _ execution: Execution) -> Tensor {
  sum(a.matrix, b.matrix, execution)
}

func sum(_ a: Matrix, _ b: Matrix, _ execution: Execution) -> Tensor {
  let result = execution.arena.matrix(rows: a.rows, columns: a.columns)
  add(a, b, into: result.matrix, pool: execution.pool)
  return result
}

/// Called after every stage of the network with its name and its value; what it throws ends the pass.
///
/// Names are those of the reference: `stem`, `res2` … `res5`, `mask_features`, `level0` …, `layer0.pred_logits` …,
/// `pred_logits`, `pred_masks`. Golden tests compare, `bench` takes times, a deadline throws.
package typealias StageObserver = (_ stage: String, _ value: FeatureMap) throws -> Void
