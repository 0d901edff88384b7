package import TensorCore
import TensorKernelBodies

/// y = body(x) over `count` floats; y may be x.
@inline(__always)
func mapRow(
  _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int,
  _ body: (SIMD8<Float>) -> SIMD8<Float>
) {
  var index = 0
  while index + 8 <= count {
    y.store(body(x.load8(index)), index)
    index += 8
  }
  guard index < count else { return }
  y.storePartial(body(x.loadPartial8(index, count: count - index)), index, count: count - index)
}

@inline(__always)
func mapRow(
  _ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int,
  _ body: (SIMD8<Float>) -> SIMD8<Float>
) {
  mapRow(UnsafePointer(x), into: y, count: count, body)
}

/// c = a + b over `count` floats; c may be either.
@inline(__always)
func addRow(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, count: Int
) {
  var index = 0
  while index + 8 <= count {
    c.store(a.load8(index) + b.load8(index), index)
    index += 8
  }
  while index < count {
    c[index] = a[index] + b[index]
    index += 1
  }
}

/// Rows of which a thread takes at least so many at once that the deal costs nothing beside them.
func rowGrain(columns: Int) -> Int { max(16_384 / max(columns, 1), 1) }

/// c = a + b, all of the same size; c may be a or b.
package func add(_ a: Matrix, _ b: Matrix, into c: Matrix, pool: WorkerPool) {
  assert(a.rows == b.rows && a.columns == b.columns && a.rows == c.rows && a.columns == c.columns)
  pool.forEachRange(c.rows, grain: rowGrain(columns: c.columns), sharing: (a, b, c)) { rows, _, shared in
    let (a, b, c) = shared
    for row in rows { addRow(a.row(row), b.row(row), into: c.row(row), count: c.columns) }
  }
}

/// y = x + row, the row, axes (1, x.columns), broadcast over all rows of x; y may be x.
package func addRow(_ row: Matrix, to x: Matrix, into y: Matrix, pool: WorkerPool) {
  assert(x.rows == y.rows && x.columns == y.columns && row.rows == 1 && row.columns == x.columns)
  pool.forEachRange(x.rows, grain: rowGrain(columns: x.columns), sharing: (row, x, y)) { rows, _, shared in
    let (row, x, y) = shared
    for index in rows { addRow(x.row(index), row.base, into: y.row(index), count: x.columns) }
  }
}
