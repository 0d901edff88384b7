/// The patches of one level of a pyramid, each looked for in the other picture.
struct PatchGrid {
  /// Pixels between the first columns (rows) of neighboring patches.
  private static let step = 4
  /// Gauss-Newton steps in each of the two rounds.
  private static let steps = 8

  private let from: GrayPlane
  private let to: GrayPlane
  /// First columns and first rows of the patches.
  private let columns: [Int]
  private let rows: [Int]
  private var vectors: [SIMD2<Float>] = []

  /// - Precondition: Both planes have the same size, of at least 8 × 8 pixels.
  init(from: GrayPlane, to: GrayPlane) {
    precondition(from.width == to.width && from.height == to.height, "planes of one size")
    (self.from, self.to) = (from, to)
    columns = Self.starts(from.width)
    rows = Self.starts(from.height)
  }

  /// Starts of patches that cover an axis.
  private static func starts(_ count: Int) -> [Int] {
    let last = count - Patch.edge
    let starts = Array(stride(from: 0, through: last, by: step))
    return starts.last == last ? starts : starts + [last]
  }

  /// Looks for all patches: each begins with the best of the first guess and its neighbors' places, those to the left and
  /// above in the first round, those to the right and below in the second.
  ///
  /// - Parameter guess: The field at this level's size, from the coarser one.
  mutating func search(from guess: FlowField) {
    let middle = Float(Patch.edge - 1) / 2
    let guesses = rows.flatMap { y in columns.map { x in guess.vector(at: SIMD2(Float(x) + middle, Float(y) + middle)) }
    }
    vectors = guesses
    from.padded.withUnsafeBufferPointer { fromValues in
      to.padded.withUnsafeBufferPointer { toValues in
        guard let first = fromValues.baseAddress, let second = toValues.baseAddress else { return }
        let patches = rows.flatMap { y in columns.map { x in Patch(first + from.index(x, y), stride: from.stride) } }
        for index in patches.indices {
          let neighbors = [index % columns.count > 0 ? index - 1 : nil, index - columns.count].compactMap(\.self)
          improve(index, patches[index], guess: guesses[index], neighbors, second)
        }
        for index in patches.indices.reversed() {
          let right = (index + 1) % columns.count > 0 ? index + 1 : nil
          improve(
            index, patches[index], guess: guesses[index], [right, index + columns.count].compactMap(\.self), second)
        }
      }
    }
  }

  /// Moves a patch's place to a better one; steps that lead further from all beginnings than a patch is wide are undone.
  private mutating func improve(
    _ index: Int, _ patch: Patch, guess: SIMD2<Float>, _ neighbors: [Int], _ other: UnsafePointer<Float>
  ) {
    let origin = SIMD2(columns[index % columns.count], rows[index / columns.count])
    func fit(_ vector: SIMD2<Float>) -> Patch.Fit {
      let place = self.place(origin, vector)
      return patch.fit(other + place.index, stride: to.stride, share: place.share)
    }
    var (start, best) = (vectors[index], fit(vectors[index]))
    for neighbor in neighbors where vectors.indices.contains(neighbor) && vectors[neighbor] != start {
      let other = fit(vectors[neighbor])
      if other.cost < best.cost { (start, best) = (vectors[neighbor], other) }
    }
    var vector = start
    for _ in 0..<Self.steps {
      let next = vector + best.step
      guard (next - start).squaredLength <= Float(Patch.edge * Patch.edge) else { break }
      let fit = fit(next)
      guard fit.cost < best.cost else { break }
      let isThere = best.step.squaredLength < 1e-4
      (vector, best) = (next, fit)
      if isThere { break }
    }
    vectors[index] = vector
  }

  /// The pixel of the other picture that a displaced patch begins at; patches that leave its border are held at it.
  private func place(_ origin: SIMD2<Int>, _ vector: SIMD2<Float>) -> (index: Int, share: SIMD2<Float>) {
    let border = Float(GrayPlane.border)
    // One pixel is left for the interpolation.
    let x = min(max(Float(origin.x) + vector.x, -border), Float(to.width - Patch.edge - 2) + border)
    let y = min(max(Float(origin.y) + vector.y, -border), Float(to.height - Patch.edge - 2) + border)
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    return (to.index(Int(left), Int(top)), SIMD2(x - left, y - top))
  }

  /// The field of all pixels: each has the mean of the displacements of its patches, weighted by how well each fits there
  /// (section 2.3, equation 3).
  func field() -> FlowField {
    let (width, height) = (from.width, from.height)
    var sums = [SIMD2<Float>](repeating: SIMD2(), count: width * height)
    var weights = [Float](repeating: 0, count: width * height)
    from.padded.withUnsafeBufferPointer { fromValues in
      to.padded.withUnsafeBufferPointer { toValues in
        guard let first = fromValues.baseAddress, let second = toValues.baseAddress else { return }
        for (index, vector) in vectors.enumerated() {
          let origin = SIMD2(columns[index % columns.count], rows[index / columns.count])
          let patch = Patch(first + from.index(origin.x, origin.y), stride: from.stride)
          let place = self.place(origin, vector)
          patch.forEachDifference(second + place.index, stride: to.stride, share: place.share) { row, difference in
            let share = Patch.Row(repeating: 1) / difference.replacing(with: 1, where: difference .< 1)
            let start = (origin.y + row) * width + origin.x
            for column in 0..<Patch.edge {
              sums[start + column] += vector * share[column]
              weights[start + column] += share[column]
            }
          }
        }
      }
    }
    for index in sums.indices { sums[index] /= weights[index] }
    return FlowField(width: width, height: height, vectors: sums)
  }
}
