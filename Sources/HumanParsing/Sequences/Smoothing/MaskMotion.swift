import M2FP
import OpticalFlow

/// A motion on the grid of the network's masks: where each cell is in the other frame's grid.
struct MaskMotion: Sendable {
  /// Brings values of the other frame's grid to this one's.
  let warp: Warp
  /// How far to believe each cell, 0 to 1; 0 for cells beside the picture.
  let trust: [Float]

  /// Places of a cell, from its middle, at which the trust is taken.
  private static let places: [SIMD2<Float>] = [
    SIMD2(-0.25, -0.25), SIMD2(0.25, -0.25), SIMD2(-0.25, 0.25), SIMD2(0.25, 0.25),
  ]

  /// - Parameters:
  ///   - motion: Between the pictures.
  ///   - cell: Pixels of the picture along the edge of a pixel of the motion's field.
  ///   - geometry: How the picture lies in the network's input.
  init(_ motion: FrameMotion, cell: Int, geometry: InputGeometry, maskWidth: Int, maskHeight: Int) {
    let field = motion.field
    // From cells of the mask to pixels of the field: place · scale + offset.
    let mask = SIMD2(Float(geometry.paddedWidth) / Float(maskWidth), Float(geometry.paddedHeight) / Float(maskHeight))
    let picture = SIMD2(
      Float(geometry.sourceWidth) / Float(geometry.columns.count),
      Float(geometry.sourceHeight) / Float(geometry.rows.count))
    let scale = mask * picture / Float(cell)
    let origin = SIMD2(Float(geometry.columns.lowerBound), Float(geometry.rows.lowerBound))
    let offset = (0.5 * mask - origin) * picture / Float(cell) - 0.5
    let least = SIMD2<Float>(repeating: -0.5)
    let most = SIMD2(Float(field.width), Float(field.height)) - 0.5
    var points: [SIMD2<Float>] = []
    var trust: [Float] = []
    points.reserveCapacity(maskWidth * maskHeight)
    trust.reserveCapacity(maskWidth * maskHeight)
    let trusts = Warp.Plane(motion.trust, width: field.width, height: field.height)
    for y in 0..<maskHeight {
      for x in 0..<maskWidth {
        let place = SIMD2(Float(x), Float(y))
        let pixel = place * scale + offset
        points.append(place + field.vector(at: pixel) / scale)
        let isInside = all(pixel .>= least) && all(pixel .<= most)
        trust.append(
          isInside ? Self.places.reduce(Float(0)) { $0 + trusts.value(at: pixel + $1 * scale) } / 4 : 0)
      }
    }
    warp = Warp(points: points, width: maskWidth, height: maskHeight)
    self.trust = trust
  }
}
