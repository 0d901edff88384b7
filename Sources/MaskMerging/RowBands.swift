import Platform
import TensorCore

extension WorkerPool {
  /// Runs `body` on bands of rows high enough that what consecutive rows share is worth keeping.
  func forEachBand(ofRows height: Int, _ body: @Sendable (_ rows: Range<Int>, _ thread: Int) -> Void) {
    let bandHeight = 64
    forEach((height + bandHeight - 1) / bandHeight) { band, thread in
      body(band * bandHeight..<min((band + 1) * bandHeight, height), thread)
    }
  }

  /// The threads for masks that come from elsewhere: as many as the machine has processors.
  static var forMasks: WorkerPool { shared(threads: Processor.count) }
}

/// Row of fp32 values; scratch buffer of one thread.
final class ScratchRow {
  let pointer: UnsafeMutablePointer<Float>

  init(_ width: Int) {
    pointer = .allocate(capacity: width)
    pointer.initialize(repeating: 0, count: width)
  }

  deinit { pointer.deallocate() }
}
