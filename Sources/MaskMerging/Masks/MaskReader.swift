import ImageCoding
import Platform
import TensorCore
import TensorKernels

/// Reads a mask source row by row at full size; scratch memory of one thread.
final class MaskReader {
  /// A source with what it takes to read it.
  private indirect enum Node {
    case logits(MaskGrid, PlaneUpsampler, PlaneSupport)
    case grid(MaskGrid, PlaneUpsampler, PlaneSupport)
    case mixture([(weight: Float, grid: MaskGrid, upsampler: PlaneUpsampler, support: PlaneSupport)])
    case probabilities(Constant<Float>)
    case matte(FloatPlane)
    case bytes(GrayImage, ByteDecision)
    case hard(BinaryMask)
    case labels(LabelMap, UInt8)
    case union([Node])
    /// The last has the decision about what the second one leaves.
    case difference(MaskReader, MaskReader, MaskReader)
    case placed(MaskReader, columns: Range<Int>, rows: Range<Int>)
  }

  private let root: Node
  private let width: Int
  /// The probability up to which values may be taken for 0.
  private let negligible: Float
  private let row: UnsafeMutablePointer<Float>
  private let sum: UnsafeMutablePointer<Float>

  init(_ source: MaskSource, width: Int, negligible: Float) {
    self.width = width
    self.negligible = negligible
    root = Self.node(source, width: width, negligible: negligible)
    row = .allocate(capacity: width)
    row.initialize(repeating: 0, count: width)
    sum = .allocate(capacity: width)
    sum.initialize(repeating: 0, count: width)
  }

  deinit {
    row.deallocate()
    sum.deallocate()
  }

  private static func node(_ source: MaskSource, width: Int, negligible: Float) -> Node {
    switch source {
    case .logits(let grid):
      return .logits(
        grid, grid.upsampler,
        PlaneSupport(
          of: grid.plane, above: logit(negligible), rows: grid.rows, columns: grid.columns))
    case .grid(let grid):
      return .grid(
        grid, grid.upsampler, PlaneSupport(of: grid.plane, above: negligible, rows: grid.rows, columns: grid.columns))
    case .mixture(let layers):
      return .mixture(
        layers.map {
          ($0.weight, $0.grid, $0.grid.upsampler, PlaneSupport(everywhereOn: $0.grid.rows, $0.grid.columns))
        })
    case .probabilities(let values): return .probabilities(values)
    case .matte(let plane): return .matte(plane)
    case .bytes(let image):
      // The largest byte whose probability is not above the threshold.
      let limit = (0...UInt8.max).last { Float($0) * (1 / 255) <= negligible }
      return .bytes(image, ByteDecision(above: limit ?? 0))
    case .hard(let mask): return .hard(mask)
    case .labels(let map, let label): return .labels(map, label)
    case .union(let sources): return .union(sources.map { node($0, width: width, negligible: negligible) })
    case .difference(let source, let other):
      return .difference(
        MaskReader(source, width: width, negligible: negligible),
        MaskReader(other, width: width, negligible: negligible),
        // min(p, 1 - q) is above a threshold t where p is above t and q is not above 1 - t.
        MaskReader(other, width: width, negligible: 1 - negligible))
    case .placed(let source, let columns, let rows):
      let reader = MaskReader(source, width: columns.count, negligible: negligible)
      return .placed(reader, columns: columns, rows: rows)
    }
  }

  /// To be called before the first of consecutive rows.
  func begin() { begin(root) }

  private func begin(_ node: Node) {
    switch node {
    case .logits(let grid, let upsampler, let support), .grid(let grid, let upsampler, let support):
      upsampler.begin(grid.plane, support: support)
    case .mixture(let layers):
      for layer in layers { layer.upsampler.begin(layer.grid.plane, support: layer.support) }
    case .union(let nodes): for node in nodes { begin(node) }
    case .difference(let reader, let other, let decision): for reader in [reader, other, decision] { reader.begin() }
    case .placed(let reader, _, _): reader.begin()
    case .probabilities, .matte, .bytes, .hard, .labels: break
    }
  }

  // MARK: Probabilities

  /// Raises each column of `target` to the mask's probability in row `y` where it is smaller; returns the columns
  /// outside of which nothing is written.
  func raise(_ target: UnsafeMutablePointer<Float>, y: Int) -> Range<Int> { raise(target, y, root) }

  private func raise(_ target: UnsafeMutablePointer<Float>, _ y: Int, _ node: Node) -> Range<Int> {
    switch node {
    case .logits(_, let upsampler, _):
      let span = upsampler.row(y, into: row)
      logistic(row, in: span)
      takeLarger(row, in: span, into: target)
      return span
    case .grid(_, let upsampler, _):
      let span = upsampler.row(y, into: row)
      takeLarger(row, in: span, into: target)
      return span
    case .union(let nodes):
      return nodes.reduce(0..<0) { hull($0, raise(target, y, $1)) }
    case .difference(let reader, let other, _):
      row.update(repeating: 0, count: width)
      let span = reader.raise(row, y: y)
      sum.update(repeating: 0, count: width)
      _ = other.raise(sum, y: y)
      for x in span { row[x] = min(row[x], 1 - sum[x]) }
      takeLarger(row, in: span, into: target)
      return span
    case .placed(let reader, let columns, let rows):
      guard rows.contains(y) else { return 0..<0 }
      let span = reader.raise(target + columns.lowerBound, y: y - rows.lowerBound)
      return columns.lowerBound + span.lowerBound..<columns.lowerBound + span.upperBound
    case .mixture:
      mix(y, node)
      takeLarger(sum, in: 0..<width, into: target)
    case .probabilities(let values):
      takeLarger(values.pointer + y * width, in: 0..<width, into: target)
    case .matte(let plane):
      takeLarger(UnsafePointer(plane.pointer) + y * width, in: 0..<width, into: target)
    case .bytes(let image, _):
      image.pixels.withUnsafeBufferPointer { pixels in
        for x in 0..<width { target[x] = max(target[x], Float(pixels[y * width + x]) * (1 / 255)) }
      }
    case .hard(let mask):
      for x in 0..<width where mask[x: x, y: y] { target[x] = 1 }
    case .labels(let map, let label):
      map.indices.withUnsafeBufferPointer { indices in
        for x in 0..<width where indices[y * width + x] == label { target[x] = 1 }
      }
    }
    return 0..<width
  }

  /// Puts the weighted sum of the layers of a mixture into `sum`.
  private func mix(_ y: Int, _ node: Node) {
    guard case .mixture(let layers) = node else { return }
    sum.update(repeating: 0, count: width)
    for layer in layers {
      let span = layer.upsampler.row(y, into: row)
      logistic(row, in: span)
      for x in span { sum[x] += layer.weight * row[x] }
    }
  }

  // MARK: Decisions

  /// Sets the bits of the columns whose probability in row `y` exceeds `negligible`; others stay as they are.
  ///
  /// Logits are compared as logits, so that a threshold of 0.5 is exactly "logit > 0".
  func mark(_ words: UnsafeMutablePointer<UInt64>, y: Int) { mark(words, y, root) }

  /// Sets the same bits, `column` further on.
  private func mark(_ words: UnsafeMutablePointer<UInt64>, y: Int, from column: Int) {
    let count = BinaryMask.wordsPerRow(width)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { own in
      guard let base = own.baseAddress else { return }
      base.initialize(repeating: 0, count: count)
      mark(base, y: y)
      let (first, shift) = column.quotientAndRemainder(dividingBy: 64)
      for index in 0..<count where base[index] != 0 {
        words[first + index] |= base[index] << UInt64(shift)
        // Shifts by 64 bits give 0, and so do bits beyond the mask.
        let rest = base[index] >> UInt64(64 - shift)
        if rest != 0 { words[first + index + 1] |= rest }
      }
    }
  }

  /// Sets the same bits but those that another reader sets.
  private func mark(_ words: UnsafeMutablePointer<UInt64>, y: Int, without other: MaskReader) {
    let count = BinaryMask.wordsPerRow(width)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * count) { scratch in
      guard let own = scratch.baseAddress else { return }
      own.initialize(repeating: 0, count: 2 * count)
      let others = own + count
      mark(own, y: y)
      other.mark(others, y: y)
      for index in 0..<count { words[index] |= own[index] & ~others[index] }
    }
  }

  private func mark(_ words: UnsafeMutablePointer<UInt64>, _ y: Int, _ node: Node) {
    switch node {
    case .logits(_, let upsampler, _):
      setBits(words, where: row, exceeds: logit(negligible), in: upsampler.row(y, into: row))
    case .grid(_, let upsampler, _):
      setBits(words, where: row, exceeds: negligible, in: upsampler.row(y, into: row))
    case .mixture:
      mix(y, node)
      setBits(words, where: sum, exceeds: negligible, in: 0..<width)
    case .probabilities(let values):
      setBits(words, where: values.pointer + y * width, exceeds: negligible, in: 0..<width)
    case .matte(let plane):
      setBits(words, where: UnsafePointer(plane.pointer) + y * width, exceeds: negligible, in: 0..<width)
    case .hard(let mask):
      guard negligible < 1 else { return }
      for word in 0..<mask.wordsPerRow { words[word] |= mask.words[y * mask.wordsPerRow + word] }
    case .labels(let map, let label):
      guard negligible < 1 else { return }
      map.indices.withUnsafeBufferPointer { indices in
        for x in 0..<width where indices[y * width + x] == label { words[x >> 6] |= 1 << UInt64(x & 63) }
      }
    case .bytes(let image, let decision):
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        decision.setBits(words, of: base + y * width, count: width)
      }
    case .union(let nodes):
      for node in nodes { mark(words, y, node) }
    case .difference(let reader, _, let decision): reader.mark(words, y: y, without: decision)
    case .placed(let reader, let columns, let rows):
      if rows.contains(y) { reader.mark(words, y: y - rows.lowerBound, from: columns.lowerBound) }
    }
  }
}

/// The smallest range that holds both; an empty one counts for nothing.
private func hull(_ first: Range<Int>, _ second: Range<Int>) -> Range<Int> {
  if first.isEmpty { return second }
  if second.isEmpty { return first }
  return min(first.lowerBound, second.lowerBound)..<max(first.upperBound, second.upperBound)
}

/// The logit of a probability: ±∞ at 1 and 0.
private func logit(_ probability: Float) -> Float { .log(probability / (1 - probability)) }

extension MaskGrid {
  fileprivate var upsampler: PlaneUpsampler { PlaneUpsampler(rows: rows, columns: columns) }
}
