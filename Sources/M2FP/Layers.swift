import TensorCore
import TensorKernels

// The kernels take views. These overloads take the tensors themselves, so that the compiler keeps them alive.

extension Convolution {
  func callAsFunction(_ x: borrowing Tensor<Float>, activation: Activation = .none, _ context: ExecutionContext)
    -> Tensor<Float>
  {
    self(x.map, activation: activation, context)
  }

  func callAsFunction(_ x: borrowing Features, activation: Activation = .none, _ context: ExecutionContext) -> Features
  {
    self(x.view, activation: activation, context)
  }

  /// activation(convolution(x) + bias + residual). The result is written over the residual, unless that is int8 and the
  /// result is fp32.
  func callAsFunction(
    _ x: borrowing Features, adding residual: consuming Features, activation: Activation = .none,
    _ context: ExecutionContext
  ) -> Features {
    switch consume residual {
    case .floats(let tensor):
      self(x.view, into: .floats(tensor.map), activation: activation, residual: .floats(tensor.map), context)
      return .floats(tensor)
    case .bytes(let bytes):
      guard let output else {
        let floats = context.arena.tensor(height: bytes.height, width: bytes.width, channels: bytes.channels)
        dequantize(bytes.map, into: floats.map, context)
        return self(x, adding: .floats(floats), activation: activation, context)
      }
      self(
        x.view, into: .bytes(bytes.map.requantized(output)), activation: activation, residual: .bytes(bytes.map),
        context)
      return .bytes(bytes.requantized(output))
    }
  }

  /// The layer's input: x itself for an fp32 layer, x quantized for an int8 layer. The fp32 values are consumed.
  func quantized(_ x: consuming Tensor<Float>, _ context: ExecutionContext) -> Features {
    guard let input else { return .floats(x) }
    let bytes = context.arena.tensor(height: x.height, width: x.width, channels: x.channels, input)
    quantize(x.map, into: bytes.map, context)
    return .bytes(bytes)
  }

  /// The result of a layer whose output is fp32.
  func floats(_ x: borrowing Features, _ context: ExecutionContext) -> Tensor<Float> {
    let size = outputSize(height: x.view.height, width: x.view.width)
    let y = context.arena.tensor(height: size.height, width: size.width, channels: outputs)
    self(x.view, into: .floats(y.map), context)
    return y
  }
}

extension Linear {
  func callAsFunction(_ x: borrowing Tensor<Float>, activation: Activation = .none, _ context: ExecutionContext)
    -> Tensor<Float>
  {
    self(x.matrix, activation: activation, context)
  }

  func callAsFunction(_ x: borrowing Tensor<Float>, residual: borrowing Tensor<Float>, _ context: ExecutionContext)
    -> Tensor<Float>
  {
    self(x.matrix, activation: .none, residual: residual.matrix, context)
  }
}

func maxPool(_ x: borrowing Features, kernel: Int, stride: Int, padding: Int, _ context: ExecutionContext) -> Features {
  switch x.view {
  case .floats(let map): .floats(maxPool(map, kernel: kernel, stride: stride, padding: padding, context))
  case .bytes(let map): .bytes(maxPool(map, kernel: kernel, stride: stride, padding: padding, context))
  }
}

/// a + b, element by element, as a new tensor of a's shape.
func sum(_ a: borrowing Tensor<Float>, _ b: borrowing Tensor<Float>, _ context: ExecutionContext) -> Tensor<Float> {
  sum(a.matrix, b.matrix, context)
}

func sum(_ a: Matrix, _ b: Matrix, _ context: ExecutionContext) -> Tensor<Float> {
  let result = context.arena.matrix(rows: a.rows, columns: a.columns)
  add(a, b, into: result.matrix, pool: context.pool)
  return result
}
