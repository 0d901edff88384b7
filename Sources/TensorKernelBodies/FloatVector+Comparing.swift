// The comparisons of each width: see `FloatVector`.

extension SIMD4<Float>: FloatVector {
  @inlinable @inline(__always)
  public var relu: Self { replacing(with: 0, where: self .< 0) }

  @inlinable @inline(__always)
  public func pointwiseMax(_ lowest: Float) -> Self { replacing(with: lowest, where: self .< lowest) }

  @inlinable @inline(__always)
  public func clamped(from lowest: Float, to highest: Float) -> Self {
    let result = Self(repeating: lowest).replacing(with: self, where: self .> lowest)
    return result.replacing(with: highest, where: result .> highest)
  }

  @inlinable @inline(__always)
  public func pointwiseMin(_ highest: Float) -> Self { replacing(with: highest, where: self .> highest) }

  @inlinable @inline(__always)
  public func zeroed(where x: Self, isBelow bound: Float) -> Self { replacing(with: 0, where: x .< bound) }

  @inlinable @inline(__always)
  public func pointwiseMax(_ other: Self) -> Self { replacing(with: other, where: self .< other) }

  @inlinable @inline(__always)
  public var powerOfTwo: Self {
    let exponent = unsafeBitCast(self, to: SIMD4<UInt32>.self) &<< 23
    return unsafeBitCast(exponent &+ SIMD4<UInt32>(repeating: 127 << 23), to: Self.self)
  }
}

extension SIMD8<Float>: FloatVector {
  @inlinable @inline(__always)
  public var relu: Self { replacing(with: 0, where: self .< 0) }

  @inlinable @inline(__always)
  public func pointwiseMax(_ lowest: Float) -> Self { replacing(with: lowest, where: self .< lowest) }

  @inlinable @inline(__always)
  public func clamped(from lowest: Float, to highest: Float) -> Self {
    let result = Self(repeating: lowest).replacing(with: self, where: self .> lowest)
    return result.replacing(with: highest, where: result .> highest)
  }

  @inlinable @inline(__always)
  public func pointwiseMin(_ highest: Float) -> Self { replacing(with: highest, where: self .> highest) }

  @inlinable @inline(__always)
  public func zeroed(where x: Self, isBelow bound: Float) -> Self { replacing(with: 0, where: x .< bound) }

  @inlinable @inline(__always)
  public func pointwiseMax(_ other: Self) -> Self { replacing(with: other, where: self .< other) }

  @inlinable @inline(__always)
  public var powerOfTwo: Self {
    let exponent = unsafeBitCast(self, to: SIMD8<UInt32>.self) &<< 23
    return unsafeBitCast(exponent &+ SIMD8<UInt32>(repeating: 127 << 23), to: Self.self)
  }
}

extension SIMD16<Float>: FloatVector {
  @inlinable @inline(__always)
  public var relu: Self { replacing(with: 0, where: self .< 0) }

  @inlinable @inline(__always)
  public func pointwiseMax(_ lowest: Float) -> Self { replacing(with: lowest, where: self .< lowest) }

  @inlinable @inline(__always)
  public func clamped(from lowest: Float, to highest: Float) -> Self {
    let result = Self(repeating: lowest).replacing(with: self, where: self .> lowest)
    return result.replacing(with: highest, where: result .> highest)
  }

  @inlinable @inline(__always)
  public func pointwiseMin(_ highest: Float) -> Self { replacing(with: highest, where: self .> highest) }

  @inlinable @inline(__always)
  public func zeroed(where x: Self, isBelow bound: Float) -> Self { replacing(with: 0, where: x .< bound) }

  @inlinable @inline(__always)
  public func pointwiseMax(_ other: Self) -> Self { replacing(with: other, where: self .< other) }

  @inlinable @inline(__always)
  public var powerOfTwo: Self {
    let exponent = unsafeBitCast(self, to: SIMD16<UInt32>.self) &<< 23
    return unsafeBitCast(exponent &+ SIMD16<UInt32>(repeating: 127 << 23), to: Self.self)
  }
}
