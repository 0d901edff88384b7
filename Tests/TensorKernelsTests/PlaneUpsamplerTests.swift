import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Planes read row by row against two interpolations in full.
@Suite(.timeLimit(.minutes(10))) struct PlaneUpsamplerTests {
  struct Geometry: Sendable {
    let mask: (height: Int, width: Int)
    let rows: Range<Int>
    let columns: Range<Int>
    let source: (height: Int, width: Int)

    var padded: (height: Int, width: Int) { (4 * mask.height, 4 * mask.width) }

    var axes: (rows: AxisInterpolationWeights, columns: AxisInterpolationWeights) {
      (
        AxisInterpolationWeights.bilinear(from: mask.height, to: padded.height).cropped(to: rows)
          .followed(by: .bilinear(from: rows.count, to: source.height)),
        AxisInterpolationWeights.bilinear(from: mask.width, to: padded.width).cropped(to: columns)
          .followed(by: .bilinear(from: columns.count, to: source.width))
      )
    }
  }

  static let geometries = [
    Geometry(mask: (1, 1), rows: 0..<1, columns: 0..<1, source: (1, 1)),
    Geometry(mask: (8, 8), rows: 0..<31, columns: 0..<1, source: (33, 7)),
    Geometry(mask: (5, 7), rows: 0..<20, columns: 0..<28, source: (20, 28)),
    Geometry(mask: (16, 6), rows: 0..<61, columns: 0..<20, source: (83, 29)),
    Geometry(mask: (12, 9), rows: 7..<41, columns: 5..<30, source: (100, 9)),
    Geometry(mask: (16, 16), rows: 0..<64, columns: 0..<64, source: (5, 11)),
  ]

  @Test(arguments: geometries)
  func everyRowIsThatOfTheTwoInterpolations(geometry: Geometry) {
    var generator = SeededGenerator(geometry.source.width)
    let plane = generator.floats(geometry.mask.height * geometry.mask.width, in: -8...8)
    expectClose(upsampled(plane, geometry, above: nil), scalar(plane, geometry), absolute: 2e-3)
  }

  /// Most of the plane is negative; what the support leaves out must not be positive.
  @Test(arguments: geometries, [-1, 0, 2] as [Float])
  func theSupportHoldsAllThatExceedsTheThreshold(geometry: Geometry, threshold: Float) {
    var generator = SeededGenerator(geometry.source.height)
    let plane = generator.floats(geometry.mask.height * geometry.mask.width, in: -8...8)
      .map { abs($0) < 7 ? -5 : $0 }
    let all = upsampled(plane, geometry, above: nil)
    let supported = upsampled(plane, geometry, above: threshold)
    for (value, kept) in zip(all, supported) { #expect(kept == value || (kept == .infinity && value <= threshold)) }
  }

  @Test func rowsMayBeReadInAnyOrder() {
    let geometry = Self.geometries[3]
    var generator = SeededGenerator(1)
    let plane = generator.floats(geometry.mask.height * geometry.mask.width)
    let (rows, columns) = geometry.axes
    let upsampler = PlaneUpsampler(rows: rows, columns: columns)
    let order = (0..<rows.outputCount).shuffled(using: &generator)
    upsampler.begin(CoarsePlane(Constant(plane)), support: PlaneSupport(everywhereOn: rows, columns))
    var result = Array(repeating: [Float](), count: rows.outputCount)
    for y in order { result[y] = row(y, of: upsampler) }
    #expect(Array(result.joined()) == upsampled(plane, geometry, above: nil))
  }

  /// The whole plane; infinity where it lies outside of the support.
  private func upsampled(_ plane: [Float], _ geometry: Geometry, above threshold: Float?) -> [Float] {
    let plane = CoarsePlane(Constant(plane))
    let (rows, columns) = geometry.axes
    let upsampler = PlaneUpsampler(rows: rows, columns: columns)
    let support =
      threshold.map { PlaneSupport(of: plane, above: $0, rows: rows, columns: columns) }
      ?? PlaneSupport(everywhereOn: rows, columns)
    upsampler.begin(plane, support: support)
    return (0..<rows.outputCount).flatMap { row($0, of: upsampler) }
  }

  private func row(_ y: Int, of upsampler: PlaneUpsampler) -> [Float] {
    var row = Array(repeating: Float.infinity, count: upsampler.columns.outputCount)
    row.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { _ = upsampler.row(y, into: base) }
    }
    return row
  }

  private func scalar(_ plane: [Float], _ geometry: Geometry) -> [Float] {
    Scalar.resizedPlane(
      plane, height: geometry.mask.height, width: geometry.mask.width, padded: geometry.padded, rows: geometry.rows,
      columns: geometry.columns, source: geometry.source)
  }
}
