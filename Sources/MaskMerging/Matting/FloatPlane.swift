import Platform

/// fp32 plane, axes (height, width), zero at first; the system provides pages only when they are written.
///
/// Audited as `@unchecked Sendable`: its maker writes it before sharing it, or lets the iterations of a loop write elements
/// of their own, as to a `DisjointBuffer`; from then on it is read only.
final class FloatPlane: @unchecked Sendable {
  let width: Int
  let height: Int
  let pointer: UnsafeMutablePointer<Float>
  /// Outside of these rows and columns all is 0.
  let rows: Range<Int>
  let columns: Range<Int>

  /// - Parameters:
  ///   - rows: Those that will be written; nil for all.
  ///   - columns: Those that will be written; nil for all.
  /// - Precondition: The size is one that a picture has, so that no arithmetic on offsets overflows.
  init(width: Int, height: Int, rows: Range<Int>? = nil, columns: Range<Int>? = nil) {
    self.width = width
    self.height = height
    self.rows = rows ?? 0..<height
    self.columns = columns ?? 0..<width
    let count = max(width * height, 1)
    pointer = ZeroedMemory.allocate(byteCount: count * MemoryLayout<Float>.stride)
      .bindMemory(to: Float.self, capacity: count)
  }

  deinit { ZeroedMemory.deallocate(pointer) }

  var count: Int { width * height }
}
