import TensorCore
import TensorKernelBodies

/// Reads a plane of values on a coarse grid as if it had been resampled to full size, one row at a time.
///
/// A full-size row needs `rows.weightsPerOutput` coarse rows, each resampled along x first; those are kept from row to row, so
/// a pass over consecutive rows resamples each coarse row once. The result equals the chain of interpolations that the
/// weights were composed of up to fp32 rounding (relative 4e-7 a step). Scratch memory of one thread: not `Sendable`.
package final class PlaneUpsampler {
  package let rows: AxisInterpolationWeights
  package let columns: AxisInterpolationWeights

  /// Coarse rows resampled along x: row `r` lies in slot `r % rows.weightsPerOutput`.
  private let slots: UnsafeMutableBufferPointer<Float>
  /// Coarse row in each slot; -1 for none.
  private var held: [Int]
  private let stride: Int
  private var plane: CoarsePlane?
  private var support: PlaneSupport

  package init(rows: AxisInterpolationWeights, columns: AxisInterpolationWeights) {
    self.rows = rows
    self.columns = columns
    stride = columns.outputCount
    slots = .allocate(capacity: max(rows.weightsPerOutput * stride, 1))
    slots.initialize(repeating: 0)
    held = Array(repeating: -1, count: rows.weightsPerOutput)
    support = PlaneSupport(everywhereOn: rows, columns)
  }

  deinit { slots.deallocate() }

  /// Begins to read another plane, axes (rows.inputCount, columns.inputCount).
  ///
  /// - Precondition: The plane has that many values.
  package func begin(_ plane: CoarsePlane, support: PlaneSupport) {
    precondition(plane.count >= rows.inputCount * columns.inputCount, "a plane has values")
    self.plane = plane
    self.support = support
    for slot in held.indices { held[slot] = -1 }
  }

  /// Writes the values of full-size row `y` for the columns that it returns; all others are outside of the support.
  ///
  /// - Parameters:
  ///   - y: A row of the picture.
  ///   - output: A full row; element `x` gets column `x`.
  /// - Returns: The columns that were written.
  package func row(_ y: Int, into output: UnsafeMutablePointer<Float>) -> Range<Int> {
    let start = Int(rows.starts.pointer[y])
    let span = support.columns(of: start..<start + rows.weightsPerOutput)
    guard !span.isEmpty, let slots = slots.baseAddress else { return span }
    let weights = rows.weights.pointer + y * rows.weightsPerOutput
    scale(slots + resampled(start) * stride, by: weights[0], span, into: output)
    for index in 1..<max(rows.weightsPerOutput, 1) where weights[index] != 0 {
      addScaled(slots + resampled(start + index) * stride, by: weights[index], span, into: output)
    }
    return span
  }

  /// The slot that holds coarse row `row`, resampled along x over the support's columns.
  private func resampled(_ row: Int) -> Int {
    let slot = row % rows.weightsPerOutput
    guard held[slot] != row, let plane, let slots = slots.baseAddress else { return slot }
    held[slot] = row
    let source = plane.pointer + row * columns.inputCount
    let target = slots + slot * stride
    let starts = columns.starts.pointer
    let weights = columns.weights.pointer
    switch columns.weightsPerOutput {
    case 1:
      for x in support.columns { target[x] = source[Int(starts[x])] * weights[x] }
    case 2:
      for x in support.columns {
        let values = source + Int(starts[x])
        target[x] = values[0] * weights[2 * x] + values[1] * weights[2 * x + 1]
      }
    case 3:
      for x in support.columns {
        let values = source + Int(starts[x])
        let three = weights + 3 * x
        target[x] = values[0] * three[0] + values[1] * three[1] + values[2] * three[2]
      }
    case let count:
      for x in support.columns {
        var sum: Float = 0
        for index in 0..<count { sum += source[Int(starts[x]) + index] * weights[x * count + index] }
        target[x] = sum
      }
    }
    return slot
  }
}

@inline(__always)
private func scale(
  _ source: UnsafePointer<Float>, by weight: Float, _ span: Range<Int>, into target: UnsafeMutablePointer<Float>
) {
  var x = span.lowerBound
  while x + 8 <= span.upperBound {
    target.store(source.load8(x) * weight, x)
    x += 8
  }
  while x < span.upperBound {
    target[x] = source[x] * weight
    x += 1
  }
}

@inline(__always)
private func addScaled(
  _ source: UnsafePointer<Float>, by weight: Float, _ span: Range<Int>, into target: UnsafeMutablePointer<Float>
) {
  var x = span.lowerBound
  while x + 8 <= span.upperBound {
    target.store(target.load8(x) + source.load8(x) * weight, x)
    x += 8
  }
  while x < span.upperBound {
    target[x] += source[x] * weight
    x += 1
  }
}
