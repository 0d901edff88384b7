import Glibc

/// A picture of floats, axes (height, width), zeros at first; memory that nobody touches costs nothing.
///
/// Audited as `@unchecked Sendable`: its maker writes it before sharing it; from then on it is read only.
final class FloatPlane: @unchecked Sendable {
  let width: Int
  let height: Int
  let pointer: UnsafeMutablePointer<Float>

  /// - Precondition: The size is one that a picture has, so that no arithmetic on offsets overflows.
  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    let count = max(width * height, 1)
    if let memory = calloc(count, MemoryLayout<Float>.stride) {
      pointer = memory.bindMemory(to: Float.self, capacity: count)
    } else {
      pointer = .allocate(capacity: count)
      pointer.initialize(repeating: 0, count: count)
    }
  }

  deinit { free(pointer) }

  var count: Int { width * height }
}
