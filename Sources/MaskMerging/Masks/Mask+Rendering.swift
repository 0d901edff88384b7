public import ImageCoding
import TensorCore

extension Mask {
  /// Which pixels are inside: those that the model decided for, or those whose probability exceeds a threshold.
  ///
  /// - Parameter threshold: A probability. When it is nil, the decision is the model's own: probability above 0.5
  ///   (for mask logits exactly "logit > 0"), or for masks of a semantic map, where the class is the most likely one.
  /// - Returns: A mask of the same size.
  public func hard(threshold: Float? = nil) -> BinaryMask {
    let source = threshold == nil ? decision ?? self.source : self.source
    let threshold = threshold.map { $0.isNaN ? 0.5 : min(max($0, 0), 1) } ?? 0.5
    return BinaryMask(width: width, height: height) { words in
      let wordsPerRow = BinaryMask.wordsPerRow(width)
      let words = DisjointBuffer(words, count: height * wordsPerRow)
      forEachRow(of: source, negligible: threshold) { reader, y, _ in
        reader.mark(words.pointer(to: y * wordsPerRow), y: y)
      }
    }
  }

  /// The probabilities at full size, 0 to 255, rounded to the nearest.
  public func alpha8() throws -> GrayImage {
    try makeImage {
      try GrayImage(width: width, height: height) { pixels in
        let pixels = DisjointBuffer(pixels)
        render { pixels[$0 * width..<($0 + 1) * width] }
      }
    }
  }

  /// The probabilities at full size, 0 to 65535, rounded to the nearest.
  public func alpha16() throws -> Gray16Image {
    try makeImage {
      try Gray16Image(width: width, height: height) { pixels in
        let pixels = DisjointBuffer(pixels)
        render { pixels[$0 * width..<($0 + 1) * width] }
      }
    }
  }

  /// Writes the probabilities into a buffer of the caller's, such as a texture's; padding between rows stays as it is.
  ///
  /// Into a buffer of `gray8` the mask is rendered without another copy. In formats of color the probability is gray,
  /// alpha is opaque.
  /// - Parameters:
  ///   - buffer: At least as many bytes as the layout takes.
  ///   - layout: Format, size and row stride; the size is the mask's.
  /// - Throws: `ImageCodingError` with the code `invalidSize` if the size differs or the buffer is too
  ///   short.
  public func write(to buffer: UnsafeMutableRawBufferPointer, layout: PixelLayout) throws {
    try layout.check(size: width, height)
    try layout.check(bufferOf: buffer.count)
    switch (layout.format, layout.format.bytesPerSample) {
    case (.gray8, _):
      buffer.withMemoryRebound(to: UInt8.self) { bytes in
        let bytes = DisjointBuffer(bytes)
        render { y in bytes[y * layout.bytesPerRow..<y * layout.bytesPerRow + width] }
      }
    case (_, 1): try alpha8().write(to: buffer, layout: layout)
    default: try alpha16().write(to: buffer, layout: layout)
    }
  }

  /// Number of pixels inside, as `hard()` decides; computed, unless the model that made the mask knew it.
  public var area: Int { extent?.area ?? hard().area }

  /// The smallest rectangle that holds all pixels inside, as `hard()` decides; nil where there are none.
  public var box: BoundingBox? { extent.map(\.box) ?? hard().box }

  /// Writes every pixel's probability, rounded; the largest sample stands for 1.
  ///
  /// - Parameter rowOf: The memory of row y, `width` samples.
  private func render<Sample: FixedWidthInteger & UnsignedInteger & Sendable>(
    rowOf: @Sendable (_ y: Int) -> UnsafeMutableBufferPointer<Sample>
  ) {
    let scale = Float(Sample.max)
    let scratch = PerThread(pool) { ScratchRow(width) }
    forEachRow(of: source, negligible: 0.5 / scale) { reader, y, thread in
      let target = rowOf(y)
      target.initialize(repeating: 0)
      let row = scratch[thread].pointer
      let span = reader.raise(row, y: y)
      for x in span {
        // Probabilities summed over queries may exceed 1.
        target[x] = Sample(truncatingIfNeeded: Int32(min(row[x], 1) * scale + 0.5))
      }
      (row + span.lowerBound).update(repeating: 0, count: span.count)
    }
  }

  /// Calls `body` for every row of a source, bands of rows shared out over the pool, with a reader for the thread.
  func forEachRow(
    of source: MaskSource, negligible: Float, _ body: @Sendable (_ reader: MaskReader, _ y: Int, _ thread: Int) -> Void
  ) {
    let readers = PerThread(pool) { MaskReader(source, width: width, negligible: negligible) }
    pool.forEachBand(ofRows: height) { rows, thread in
      readers[thread].begin()
      for y in rows { body(readers[thread], y, thread) }
    }
  }
}

/// Makes a picture; what the picture says when it cannot be made becomes the cause of our error.
func makeImage<Image>(_ make: () throws -> Image) throws -> Image {
  do {
    return try make()
  } catch {
    throw MaskMergingError(.imageFailed, "no picture could be made: \(error)", cause: error)
  }
}
