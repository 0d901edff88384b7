extension BinaryMask {
  /// The pixels that are inside of any of two masks.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func union(_ other: BinaryMask) throws -> BinaryMask {
    try combined(with: other) { $0 | $1 }
  }

  /// The pixels that are inside of both masks.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func intersection(_ other: BinaryMask) throws -> BinaryMask {
    try combined(with: other) { $0 & $1 }
  }

  /// The pixels that are inside of this mask and outside of another.
  ///
  /// - Throws: `sizeMismatch` where they differ in size.
  public func subtracting(_ other: BinaryMask) throws -> BinaryMask {
    try combined(with: other) { $0 & ~$1 }
  }

  private func combined(
    with other: BinaryMask, _ operation: (UInt64, UInt64) -> UInt64
  ) throws -> BinaryMask {
    guard width == other.width, height == other.height else {
      throw MaskMergingError(
        .sizeMismatch, "a mask of \(width) × \(height) pixels beside one of \(other.width) × \(other.height)")
    }
    return BinaryMask(width: width, height: height) { target in
      for index in words.indices { target[index] = operation(words[index], other.words[index]) }
    }
  }
}
