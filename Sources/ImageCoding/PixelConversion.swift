/// Copies pixels between two layouts of one size: reorders channels, and widens or narrows samples.
///
/// Samples of 8 bits become 16 bits by v · 257, and those of 16 bits keep their high byte. Gray is repeated in every
/// color channel; an alpha that the source does not have is opaque, and one that the target does not have is dropped.
struct PixelConversion {
  private let source: PixelLayout
  private let target: PixelLayout

  /// - Throws: ``ImageCodingError`` with the code `unsupported` for color that would become gray.
  init(from source: PixelLayout, to target: PixelLayout) throws {
    guard target.format.channels > 1 || source.format.channels == 1 else {
      throw ImageCodingError(
        .unsupported, "Pixels of \(source.format.rawValue) have color, \(target.format.rawValue) has none")
    }
    self.source = source
    self.target = target
  }

  /// Converts all rows.
  ///
  /// - Precondition: Both buffers are long enough for their layouts, whose sizes are equal.
  func callAsFunction(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) {
    precondition(source.width == target.width && source.height == target.height, "a conversion keeps the size")
    guard let input = input.baseAddress, let output = output.baseAddress else { return }
    for y in 0..<source.height {
      convertRow(input + y * source.bytesPerRow, output + y * target.bytesPerRow)
    }
  }

  private func convertRow(_ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer) {
    if source.format == target.format {
      output.copyMemory(from: input, byteCount: source.width * source.format.bytesPerPixel)
      return
    }
    switch (source.format, target.format) {
    // Frames of cameras and displays: constants let the compiler unroll the loop over channels.
    case (.bgra8, .rgb8): copy(input, 4, SIMD4(2, 1, 0, -1), output, 3, UInt8.self, UInt8.self)
    case (.rgba8, .rgb8): copy(input, 4, SIMD4(0, 1, 2, -1), output, 3, UInt8.self, UInt8.self)
    case (.rgb8, .bgra8): copy(input, 3, SIMD4(2, 1, 0, -1), output, 4, UInt8.self, UInt8.self)
    case (.rgb8, .rgba8): copy(input, 3, SIMD4(0, 1, 2, -1), output, 4, UInt8.self, UInt8.self)
    default:
      switch (source.format.bytesPerSample, target.format.bytesPerSample) {
      case (1, 1): copy(input, output, UInt8.self, UInt8.self)
      case (1, _): copy(input, output, UInt8.self, UInt16.self)
      case (_, 1): copy(input, output, UInt16.self, UInt8.self)
      default: copy(input, output, UInt16.self, UInt16.self)
      }
    }
  }

  private func copy<Source, Target>(
    _ input: UnsafeRawPointer, _ output: UnsafeMutableRawPointer, _: Source.Type, _: Target.Type
  ) where Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger & BitwiseCopyable {
    let (from, to) = (source.format.order, target.format.order)
    var origin = SIMD4(-1, -1, -1, -1)
    (origin[to.red], origin[to.green], origin[to.blue]) = (from.red, from.green, from.blue)
    if let alpha = to.alpha { origin[alpha] = from.alpha ?? -1 }
    copy(input, source.format.channels, origin, output, target.format.channels, Source.self, Target.self)
  }

  /// - Parameter origin: Channel of the source for each channel of the target; −1 for an opaque alpha.
  @inline(__always)
  private func copy<Source, Target>(
    _ input: UnsafeRawPointer, _ inputChannels: Int, _ origin: SIMD4<Int>, _ output: UnsafeMutableRawPointer,
    _ outputChannels: Int, _: Source.Type, _: Target.Type
  ) where Source: FixedWidthInteger & BitwiseCopyable, Target: FixedWidthInteger & BitwiseCopyable {
    let (inputSize, outputSize) = (MemoryLayout<Source>.size, MemoryLayout<Target>.size)
    for x in 0..<source.width {
      for channel in 0..<outputChannels {
        var value = Target.max
        if origin[channel] >= 0 {
          let sample = (input + (x * inputChannels + origin[channel]) * inputSize).loadUnaligned(as: Source.self)
          value = converted(sample)
        }
        (output + (x * outputChannels + channel) * outputSize).storeBytes(of: value, as: Target.self)
      }
    }
  }

  @inline(__always)
  private func converted<Source: FixedWidthInteger, Target: FixedWidthInteger>(_ sample: Source) -> Target {
    if Source.bitWidth == Target.bitWidth { return Target(truncatingIfNeeded: sample) }
    return Source.bitWidth < Target.bitWidth
      ? Target(truncatingIfNeeded: sample) &* 257 : Target(truncatingIfNeeded: sample >> 8)
  }
}
