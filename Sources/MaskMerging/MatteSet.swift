public import ImageCoding
import TensorCore

/// Mattes that share out the pixels of one picture: at every pixel, those of all masks and of the background add up
/// to 1.
public struct MatteSet: Sendable {
  /// One for each mask, in the order of the masks.
  public let mattes: [Matte]
  /// What no mask covers: 1 less the sum of `mattes`.
  public let background: Matte

  /// Mattes of masks that belong to one picture, fitted to the edges of a photograph.
  ///
  /// Where probabilities add up to more than 1, they are scaled down to it: before they are refined and after. The
  /// statistics of the photo are computed once for all masks.
  /// - Parameters:
  ///   - masks: At least one, of the photo's size.
  ///   - photo: The picture that the masks belong to.
  ///   - refinement: How far and how closely mattes follow the photo; nil leaves the probabilities as they are.
  /// - Throws: `sizeMismatch`, or `invalidOption` for a refinement that cannot be.
  public init(
    _ masks: [Mask], of photo: RGBImage, refinement: MatteRefinement? = MatteRefinement()
  ) throws(MaskMergingError) {
    guard let first = masks.first else {
      throw MaskMergingError(.sizeMismatch, "mattes of no masks have no size")
    }
    for mask in masks { try mask.checkSize(equals: photo.width, photo.height) }
    let pool = first.pool
    let planes: [FloatPlane]
    if let refinement {
      let plan = try refinement.plan(width: photo.width, height: photo.height)
      let guide = GuideStatistics(
        of: photo, cell: plan.cell, radius: plan.radius, epsilon: refinement.epsilon, pool: pool)
      planes = guide.refined(masks, pool: pool)
    } else {
      planes = masks.map { $0.probabilities() }
    }
    background = Matte(plane: sharedOut(planes, contrast: refinement?.contrast ?? 1, pool: pool), pool: pool)
    mattes = planes.map { Matte(plane: $0, pool: pool) }
  }

  /// The sum of some of the mattes, such as those of one person's parts; empty where there are none.
  ///
  /// - Parameter indices: Into `mattes`; those beyond it add nothing.
  public func sum(of indices: some Sequence<Int>) -> Matte {
    let plane = FloatPlane(width: background.width, height: background.height)
    for index in Set(indices) where mattes.indices.contains(index) {
      let addend = mattes[index].plane
      for y in addend.rows {
        for place in y * plane.width + addend.columns.lowerBound..<y * plane.width + addend.columns.upperBound {
          plane.pointer[place] = min(plane.pointer[place] + addend.pointer[place], 1)
        }
      }
    }
    return Matte(plane: plane, pool: background.pool)
  }
}

extension Mask {
  /// The mask's matte alone, fitted to the edges of a photograph.
  ///
  /// - Throws: `sizeMismatch`, or `invalidOption` for a refinement that cannot be.
  public func matte(
    refinedBy photo: RGBImage, _ refinement: MatteRefinement = MatteRefinement()
  ) throws(MaskMergingError) -> Matte {
    let set = try MatteSet([self], of: photo, refinement: refinement)
    return set.mattes.first ?? set.background
  }
}

/// Scales values down so that no pixel's add up to more than 1, raises them and what they leave to a power, and scales
/// them to add up to 1; returns what they leave.
private func sharedOut(_ planes: [FloatPlane], contrast: Int, pool: WorkerPool) -> FloatPlane {
  let (width, height) = planes.first.map { ($0.width, $0.height) } ?? (1, 1)
  let rest = FloatPlane(width: width, height: height)
  pool.forEachBand(ofRows: height) { rows, _ in
    for y in rows {
      let total = rest.pointer + y * width
      let present = planes.filter { $0.rows.contains(y) }.map { (row: $0.pointer + y * width, columns: $0.columns) }
      addUp(present, to: total)
      for plane in present {
        for x in plane.columns where total[x] > 1 { plane.row[x] /= total[x] }
      }
      for x in 0..<width { total[x] = max(1 - total[x], 0) }
      if contrast > 1 { steepen(present, rest: total, width: width, by: contrast) }
    }
  }
  return rest
}

/// Rows of mattes that belong to one row of the picture, with the columns in which they are not 0.
private typealias MatteRow = (row: UnsafeMutablePointer<Float>, columns: Range<Int>)

private func addUp(_ mattes: [MatteRow], to total: UnsafeMutablePointer<Float>) {
  for matte in mattes {
    for x in matte.columns { total[x] += matte.row[x] }
  }
}

/// Raises values that add up to 1 with `rest` to a power and scales them to add up to 1 again.
private func steepen(_ mattes: [MatteRow], rest: UnsafeMutablePointer<Float>, width: Int, by power: Int) {
  func raise(_ row: UnsafeMutablePointer<Float>, _ columns: Range<Int>) {
    for x in columns {
      let value = row[x]
      var product = value
      for _ in 1..<power { product *= value }
      row[x] = product
    }
  }
  raise(rest, 0..<width)
  for matte in mattes { raise(matte.row, matte.columns) }
  var total = [Float](repeating: 0, count: width)
  total.withUnsafeMutableBufferPointer { total in
    guard let sums = total.baseAddress else { return }
    addUp(mattes + [(row: rest, columns: 0..<width)], to: sums)
    // Of values that add up to 1 one is large enough for its power not to vanish, unless there are very many.
    for matte in mattes + [(row: rest, columns: 0..<width)] {
      for x in matte.columns { matte.row[x] /= max(sums[x], .leastNormalMagnitude) }
    }
  }
}
