import TensorCore
import TensorKernels

extension MaskPlanes {
  /// The most likely class of each pixel, axes (rows, columns) of the photo.
  ///
  /// Within a class, the values probability × score that exceed 0.5 are averaged; the class with the largest average
  /// wins, the first of equals, and pixels without any are class 0 (`paste_instance_to_semseg_probs` and arg-max).
  func paste(_ instances: [Instance], pool: WorkerPool) -> [UInt8] {
    let classes = Dictionary(grouping: instances.filter { $0.score > 0.5 }, by: \.category)
      .sorted { $0.key < $1.key }
      .map { PastedClass(category: $0.key, instances: $0.value.sorted { $0.score < $1.score }) }
    let height = rows.outputCount
    let width = columns.outputCount
    let bands = (0..<height).split(by: 48)
    let painters = PerThread(pool) { Painter(self, classes) }
    return [UInt8](unsafeUninitializedCapacity: height * width) { labels, count in
      let labels = DisjointBuffer(labels)
      pool.forEach(bands.count) { band, thread in
        painters[thread].begin()
        for y in bands[band] { painters[thread].paint(y, into: labels[y * width..<(y + 1) * width]) }
      }
      count = height * width
    }
  }
}

private struct PastedClass {
  let category: Int
  /// Instances by ascending score.
  let instances: [Instance]
}

/// Computes rows of the semantic map, with the scratch buffers of one thread.
private final class Painter {
  private struct Layer {
    let instance: Instance
    let support: PlaneSupport
    let upsampler: PlaneUpsampler
  }

  private let planes: MaskPlanes
  private let classes: [(category: Int32, layers: [Layer])]
  private let width: Int
  private let logits: RowBuffer
  private let sums: RowBuffer
  private let counts: RowBuffer
  private let best: RowBuffer
  private let winners: UnsafeMutablePointer<Int32>

  init(_ planes: MaskPlanes, _ classes: [PastedClass]) {
    self.planes = planes
    self.classes = classes.map { pasted in
      let layers = pasted.instances.compactMap { instance in
        planes.supports[instance.query].map {
          Layer(
            instance: instance, support: $0, upsampler: PlaneUpsampler(rows: planes.rows, columns: planes.columns))
        }
      }
      return (Int32(truncatingIfNeeded: pasted.category), layers)
    }
    width = planes.columns.outputCount
    logits = RowBuffer(count: width)
    sums = RowBuffer(count: width)
    counts = RowBuffer(count: width)
    best = RowBuffer(count: width)
    winners = .allocate(capacity: max(width, 1))
    winners.initialize(repeating: 0, count: width)
  }

  deinit { winners.deallocate() }

  func begin() {
    for (_, layers) in classes {
      for layer in layers { layer.upsampler.begin(planes.output.mask(layer.instance.query), support: layer.support) }
    }
  }

  func paint(_ y: Int, into labels: UnsafeMutableBufferPointer<UInt8>) {
    best.clear(0..<width)
    winners.update(repeating: 0, count: width)
    for (category, layers) in classes {
      var touched: Range<Int>?
      for layer in layers where layer.support.rows.contains(y) {
        let span = layer.upsampler.row(y, into: logits.pointer)
        guard !span.isEmpty else { continue }
        touched = touch(span, alreadyTouched: touched)
        addLikely(
          logits.pointer, in: span, scale: layer.instance.score, sums: sums.pointer, counts: counts.pointer)
      }
      if let touched {
        average(sums.pointer, counts: counts.pointer, in: touched)
        chooseLarger(sums.pointer, in: touched, category: category, best: best.pointer, winners: winners)
      }
    }
    for x in 0..<width { labels.initializeElement(at: x, to: UInt8(truncatingIfNeeded: winners[x])) }
  }

  /// Clears the sums of the columns that the class reaches for the first time in this row, and returns all that it
  /// has reached.
  private func touch(_ span: Range<Int>, alreadyTouched: Range<Int>?) -> Range<Int> {
    guard let before = alreadyTouched else {
      clear(span)
      return span
    }
    let lower = min(before.lowerBound, span.lowerBound)
    let upper = max(before.upperBound, span.upperBound)
    clear(lower..<before.lowerBound)
    clear(before.upperBound..<upper)
    return lower..<upper
  }

  private func clear(_ span: Range<Int>) {
    sums.clear(span)
    counts.clear(span)
  }
}
