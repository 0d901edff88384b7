/// y = (x − mean) / √(variance + epsilon) · weight + bias for each row of x + residual. Every instruction set sums in
/// sixteen lanes.
public struct LayerNormRows {
  public var x: FloatRows
  /// `nil` for none.
  public var residual: FloatRows?
  /// Result; may be x or the residual.
  public var y: FloatRows
  public var rows: Int
  public var columns: Int
  /// (columns).
  public var weight: UnsafePointer<Float>
  /// (columns).
  public var bias: UnsafePointer<Float>
  public var epsilon: Float

  @inlinable
  public init(
    x: FloatRows, residual: FloatRows?, y: FloatRows, rows: Int, columns: Int, weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>, epsilon: Float
  ) {
    self.x = x
    self.residual = residual
    self.y = y
    self.rows = rows
    self.columns = columns
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  @inlinable @inline(__always)
  public func normalize<Instructions: VectorInstructions>(_: Instructions.Type) {
    for row in 0..<rows {
      let target = y.row(row)
      if let residual {
        addRow(x.row(row), residual.row(row), into: target, count: columns, Instructions.self)
        normalize(target, into: target, Instructions.self)
      } else {
        normalize(x.row(row), into: target, Instructions.self)
      }
    }
  }

  @inlinable @inline(__always)
  func normalize<Instructions: VectorInstructions>(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _: Instructions.Type
  ) {
    let mean = sum(x) / Float(columns)
    let variance = sumOfSquares(x, around: mean) / Float(columns)
    let scale = 1 / (variance + epsilon).squareRoot()
    let width = Instructions.Vector.scalarCount
    var column = 0
    while column &+ width <= columns {
      let value = (Instructions.Vector(at: x + column) - mean) * scale
      (value * Instructions.Vector(at: weight + column) + Instructions.Vector(at: bias + column)).store(to: y + column)
      column &+= width
    }
    while column < columns {
      y[column] = (x[column] - mean) * scale * weight[column] + bias[column]
      column &+= 1
    }
  }

  @inlinable @inline(__always)
  func sum(_ x: UnsafePointer<Float>) -> Float {
    var lanes = SIMD16<Float>(repeating: 0)
    var column = 0
    while column &+ 16 <= columns {
      lanes += SIMD16(at: x + column)
      column &+= 16
    }
    var total = lanes.laneSum
    while column < columns {
      total += x[column]
      column &+= 1
    }
    return total
  }

  @inlinable @inline(__always)
  func sumOfSquares(_ x: UnsafePointer<Float>, around mean: Float) -> Float {
    var lanes = SIMD16<Float>(repeating: 0)
    var column = 0
    while column &+ 16 <= columns {
      let difference = SIMD16(at: x + column) - mean
      lanes += difference * difference
      column &+= 16
    }
    var total = lanes.laneSum
    while column < columns {
      total += (x[column] - mean) * (x[column] - mean)
      column &+= 1
    }
    return total
  }
}

/// c = a + b over `count` floats; c may be either.
@inlinable @inline(__always)
public func addRow<Instructions: VectorInstructions>(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, count: Int,
  _: Instructions.Type
) {
  let width = Instructions.Vector.scalarCount
  var index = 0
  while index &+ width <= count {
    (Instructions.Vector(at: a + index) + Instructions.Vector(at: b + index)).store(to: c + index)
    index &+= width
  }
  while index < count {
    c[index] = a[index] + b[index]
    index &+= 1
  }
}
