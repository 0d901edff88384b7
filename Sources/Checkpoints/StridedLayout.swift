/// Layout of a tensor within a storage: offset of the first element, and size and stride of each axis, in elements.
struct StridedLayout: Sendable {
  let offset: Int
  let shape: [Int]
  let strides: [Int]
  /// Number of elements.
  let count: Int
  /// Whether the elements are contiguous and row-major.
  let isContiguous: Bool

  /// Largest number of axes of a tensor.
  static let maximumRank = 64

  /// Row-major elements from the start of a storage; `nil` if their size overflows `Int`.
  init?(contiguous shape: [Int], of type: ElementType) {
    guard let byteCount = type.byteCount(of: shape) else { return nil }
    offset = 0
    self.shape = shape
    count = byteCount / type.byteCount
    strides = []
    isContiguous = true
  }

  /// A view inside its storage in which no two elements overlap; `nil` if `shape`, `strides` and `offset` give no such
  /// view.
  ///
  /// Without overlaps, a small file cannot claim large tensors through strides of 0.
  init?(offset: Int, shape: [Int], strides: [Int], storageCount: Int) {
    guard offset >= 0, offset <= storageCount, shape.count == strides.count, !strides.contains(where: { $0 < 0 }),
      let count = ElementType.uint8.byteCount(of: shape)
    else { return nil }
    self.offset = offset
    self.shape = shape
    // The stride of an axis of size 1 is not used.
    self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
    self.count = count
    guard count > 0 else {
      isContiguous = true
      return
    }
    guard let reach = Self.reach(shape, strides), reach < storageCount - offset else { return nil }
    isContiguous = reach == count - 1 && Self.descends(shape, strides)
  }

  /// Distance from the first element to the last; `nil` if it overflows `Int` or elements may overlap. In ascending
  /// order, each stride must exceed the distance that the smaller ones reach.
  private static func reach(_ shape: [Int], _ strides: [Int]) -> Int? {
    var reach = 0
    for (size, stride) in zip(shape, strides).filter({ $0.0 > 1 }).sorted(by: { $0.1 < $1.1 }) {
      let (span, overflow) = stride.multipliedReportingOverflow(by: size - 1)
      let (sum, carry) = reach.addingReportingOverflow(span)
      if overflow || carry || stride <= reach { return nil }
      reach = sum
    }
    return reach
  }

  /// Whether the strides of all axes of more than one element decrease from the outermost to the innermost.
  private static func descends(_ shape: [Int], _ strides: [Int]) -> Bool {
    let steps = zip(shape, strides).filter { $0.0 > 1 }.map(\.1)
    return zip(steps, steps.dropFirst()).allSatisfy { $0 > $1 }
  }
}

extension StridedLayout {
  /// Packs elements of `size` bytes (1, 2, 4 or 8) row-major.
  ///
  /// - Precondition: `source` holds the storage that this layout was checked against, `packed` all elements.
  func gather(elementsOf size: Int, from source: UnsafeRawBufferPointer, into packed: UnsafeMutableRawBufferPointer) {
    switch size {
    case 1: gather(UInt8.self, source, packed)
    case 2: gather(UInt16.self, source, packed)
    case 4: gather(UInt32.self, source, packed)
    default: gather(UInt64.self, source, packed)
    }
  }

  private func gather<Element: BitwiseCopyable>(
    _: Element.Type, _ source: UnsafeRawBufferPointer, _ packed: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Element>.size
    let columns = shape.last ?? 1
    let step = (strides.last ?? 1) * size
    var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
    var written = 0
    while written < packed.count {
      var position = zip(index, strides).reduce(offset) { $0 + $1.0 * $1.1 } * size
      for _ in 0..<columns {
        let element = source.loadUnaligned(fromByteOffset: position, as: Element.self)
        packed.storeBytes(of: element, toByteOffset: written, as: Element.self)
        position += step
        written += size
      }
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
