package import TensorCore

/// Softmax of each row, in place; each row's largest value is subtracted first, so that nothing overflows.
///
/// A row of nothing but −∞ becomes NaN, as in PyTorch.
package func softmaxRows(_ x: Matrix, pool: WorkerPool) {
  pool.forEachRange(x.rows, grain: rowGrain(columns: x.columns)) { rows, _ in
    for row in rows {
      let values = x.row(row)
      let sum = exponentiate(values, count: x.columns, subtracting: maximum(values, count: x.columns))
      let inverse = 1 / sum
      mapRow(values, into: values, count: x.columns) { $0 * inverse }
    }
  }
}

/// The largest of `count` floats; −∞ of none.
@inline(__always)
func maximum(_ x: UnsafeMutablePointer<Float>, count: Int) -> Float {
  var largest = SIMD8<Float>(repeating: -.infinity)
  var index = 0
  while index + 8 <= count {
    largest = maximum(x.load8(index), largest)
    index += 8
  }
  if index < count {
    largest = maximum(x.loadPartial8(index, count: count - index, filler: -.infinity), largest)
  }
  return largest.laneMaximum
}

/// x = e^(x − offset), in place; returns the sum.
@inline(__always)
func exponentiate(_ x: UnsafeMutablePointer<Float>, count: Int, subtracting offset: Float) -> Float {
  var sum = SIMD8<Float>(repeating: 0)
  var index = 0
  while index + 8 <= count {
    let value = exponential(x.load8(index) - offset)
    x.store(value, index)
    sum += value
    index += 8
  }
  if index < count {
    let value = exponential(x.loadPartial8(index, count: count - index, filler: -.infinity) - offset)
    x.storePartial(value, index, count: count - index)
    sum += value
  }
  return sum.laneSum
}
