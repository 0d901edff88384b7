// The vector bodies that every instruction set shares. Each is generic over the instruction set and always inlined, so
// that its code takes the instructions of the module that instantiates it. What the compiler does not inline after all
// becomes a specialization whose name has the instruction set's in it: were the names the same, the linker would keep
// one copy for all, and some processors would meet instructions that they do not have.

/// Properties of the instruction set that a body is compiled for.
public protocol VectorInstructions {
  /// Vector that fills a register.
  associatedtype Vector: FloatVector
  /// Whether `adding(_:times:)` is one instruction, with one rounding.
  static var fuses: Bool { get }
}

/// The same instructions but for those that multiply and add in one: what is computed with them has the same bits on
/// every processor.
public enum Unfused<Instructions: VectorInstructions>: VectorInstructions {
  public typealias Vector = Instructions.Vector

  @inlinable @inline(__always)
  public static var fuses: Bool { false }
}

/// The baseline of the architecture.
public enum Portable: VectorInstructions {
  public typealias Vector = SIMD4<Float>

  #if arch(x86_64)
    @inlinable @inline(__always)
    public static var fuses: Bool { false }
  #else
    @inlinable @inline(__always)
    public static var fuses: Bool { true }
  #endif
}

/// A vector of floats that fills a register, or a few.
///
/// What the standard library defines for every SIMD type alike, lane by lane, comes out of the optimizer as vector
/// instructions where it is arithmetic, and as loops over lanes where it compares: comparisons are requirements, made
/// for each width.
public protocol FloatVector: BitwiseCopyable, SIMD where Scalar == Float {
  /// max(self, 0), which keeps NaN.
  var relu: Self { get }
  /// max(self, lowest), which keeps NaN.
  func pointwiseMax(_ lowest: Float) -> Self
  /// min(max(self, lowest), highest), `lowest` for NaN.
  func clamped(from lowest: Float, to highest: Float) -> Self
  /// min(self, highest), which keeps NaN.
  func pointwiseMin(_ highest: Float) -> Self
  /// self, but 0 where x is below the bound.
  func zeroed(where x: Self, isBelow bound: Float) -> Self
  /// The larger lane of the two; this vector's lane where one is NaN.
  func pointwiseMax(_ other: Self) -> Self
  /// 2^n for 1.5 · 2^23 + n, n a whole number in -126...127.
  var powerOfTwo: Self { get }
}

extension FloatVector {
  /// The floats at `pointer`, which need no alignment.
  @inlinable @inline(__always)
  public init(at pointer: UnsafePointer<Float>) {
    self = UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
  }

  /// The floats whose bits are stored as integers at `pointer`, which need no alignment.
  @inlinable @inline(__always)
  public init(bitsAt pointer: UnsafePointer<Int32>) {
    self = UnsafeRawPointer(pointer).loadUnaligned(as: Self.self)
  }

  /// The first `count` floats at `pointer`, fewer than there are lanes; the other lanes are `filler`.
  @inlinable @inline(__always)
  public init(at pointer: UnsafePointer<Float>, count: Int, filler: Float = 0) {
    self.init(repeating: filler)
    for lane in 0..<count { self[lane] = pointer[lane] }
  }

  @inlinable @inline(__always)
  public func store(to pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Self.self)
  }

  /// Writes the first `count` lanes, fewer than there are.
  @inlinable @inline(__always)
  public func store(to pointer: UnsafeMutablePointer<Float>, count: Int) {
    for lane in 0..<count { pointer[lane] = self[lane] }
  }

  /// self + a · b, in one rounding where the instruction set has that. Elsewhere it would be a call of a library
  /// function for each lane, so it is a product and a sum.
  ///
  /// Bits then depend on the instruction set, so only the matrix products and what belongs to them use this; all other
  /// bodies multiply and add, and sum in an order that no vector's width changes.
  @inlinable @inline(__always)
  public func adding<Instructions: VectorInstructions>(_ a: Self, times b: Self, _: Instructions.Type) -> Self {
    Instructions.fuses ? addingProduct(a, b) : self + a * b
  }
}
