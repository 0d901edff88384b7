package import TensorCore

/// An activation in either precision: fp32, or int8 with its quantization.
package enum EitherPrecision<Floats: ~Copyable, Bytes: ~Copyable>: ~Copyable {
  case floats(Floats)
  case bytes(Bytes)
}

extension EitherPrecision: Copyable where Floats: Copyable, Bytes: Copyable {}
extension EitherPrecision: Sendable where Floats: Sendable & ~Copyable, Bytes: Sendable & ~Copyable {}

/// An activation with axes (height, width, channels), whose memory is freed at the end of its lifetime.
package typealias Features = EitherPrecision<Tensor<Float>, Tensor<UInt8>>

/// A borrowed activation, axes (height, width, channels); must not outlive its tensor.
package typealias FeatureView = EitherPrecision<FeatureMap<Float>, FeatureMap<UInt8>>

extension EitherPrecision<Tensor<Float>, Tensor<UInt8>> where Floats: ~Copyable, Bytes: ~Copyable {
  /// Must not outlive the activation.
  package var view: FeatureView {
    switch self {
    case .floats(let tensor): .floats(tensor.map)
    case .bytes(let tensor): .bytes(tensor.map)
    }
  }
}

extension FeatureView {
  package var height: Int {
    switch self {
    case .floats(let map): map.height
    case .bytes(let map): map.height
    }
  }

  package var width: Int {
    switch self {
    case .floats(let map): map.width
    case .bytes(let map): map.width
    }
  }

  package var channels: Int {
    switch self {
    case .floats(let map): map.channels
    case .bytes(let map): map.channels
    }
  }

  /// A token matrix, contiguous, as a map of one column.
  package init(_ tokens: Matrix) {
    assert(tokens.isContiguous)
    self = .floats(FeatureMap(tokens.base, height: tokens.rows, width: 1, channels: tokens.columns))
  }

  /// `nil` for an int8 activation.
  package var floats: FeatureMap<Float>? { if case .floats(let map) = self { map } else { nil } }
}

extension ExecutionContext {
  /// An activation of the given size, its contents undefined; fp32 if `quantization` is `nil`.
  package func features(height: Int, width: Int, channels: Int, _ quantization: QuantizationParameters?) -> Features {
    guard let quantization else { return .floats(arena.tensor(height: height, width: width, channels: channels)) }
    return .bytes(arena.tensor(height: height, width: width, channels: channels, quantization))
  }
}

/// Quantizes x to y's quantization; both have the same size.
package func quantize(_ x: FeatureMap<Float>, into y: FeatureMap<UInt8>, _ context: ExecutionContext) {
  assert(x.count == y.count)
  let kernels = context.instructions.integerKernels
  let inverse = 1 / y.quantization.scale
  context.pool.forEachRange(x.count, grain: 16_384, sharing: (kernels, x, y, inverse)) { range, _, shared in
    let (kernels, x, y, inverse) = shared
    kernels.quantize(
      x.base + range.lowerBound, range.count, inverse, Float(y.quantization.zeroPoint), y.base + range.lowerBound)
  }
}

/// Dequantizes x; both have the same size.
package func dequantize(_ x: FeatureMap<UInt8>, into y: FeatureMap<Float>, _ context: ExecutionContext) {
  assert(x.count == y.count)
  context.pool.forEachRange(x.count, grain: 16_384, sharing: (x, y)) { range, _, shared in
    let (x, y) = shared
    let (scale, zeroPoint) = (x.quantization.scale, Int32(x.quantization.zeroPoint))
    for index in range { y.base[index] = scale * Float(Int32(x.base[index]) - zeroPoint) }
  }
}
