/// An image of interleaved samples of 8 or 16 bits, in rows from the top left without padding. What is the same for both is
/// written once, in terms of this protocol.
package protocol SampledImage: Sendable {
  associatedtype Sample: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable

  /// Samples of a pixel.
  static var channels: Int { get }
  var width: Int { get }
  var height: Int { get }
  /// Shape (height, width, channels).
  var pixels: [Sample] { get }

  /// An image whose pixels are initialized by `fill`, which has to write all of them.
  init(width: Int, height: Int, fill: (UnsafeMutableBufferPointer<Sample>) throws -> Void) throws
}

extension RGBImage: SampledImage { package static var channels: Int { 3 } }
extension RGB16Image: SampledImage { package static var channels: Int { 3 } }
extension RGBAImage: SampledImage { package static var channels: Int { 4 } }
extension RGBA16Image: SampledImage { package static var channels: Int { 4 } }
extension GrayImage: SampledImage { package static var channels: Int { 1 } }
extension Gray16Image: SampledImage { package static var channels: Int { 1 } }

extension SampledImage {
  /// Some channels of each pixel, in the channels of another kind of image.
  ///
  /// - Precondition: `channels` has as many as the other kind of image.
  func selecting<Other: SampledImage>(_ channels: Range<Int>) throws -> Other where Other.Sample == Sample {
    precondition(channels.count == Other.channels)
    return try Other(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { source in
        for pixel in 0..<width * height {
          for (index, channel) in channels.enumerated() {
            target[Other.channels * pixel + index] = source[Self.channels * pixel + channel]
          }
        }
      }
    }
  }

  /// The high bytes of the samples.
  func narrowed<Other: SampledImage>() throws -> Other where Other.Sample == UInt8, Sample == UInt16 {
    precondition(Other.channels == Self.channels)
    return try Other(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { source in
        for index in source.indices { target[index] = UInt8(truncatingIfNeeded: source[index] >> 8) }
      }
    }
  }

  /// The colors divided by the alpha that they were multiplied with, in the last channel; black where it is 0.
  func dividedByAlpha() throws -> Self {
    let most = UInt32(Sample.max)
    return try Self(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { source in
        for pixel in stride(from: 0, to: source.count, by: Self.channels) {
          let alpha = UInt32(source[pixel + Self.channels - 1])
          for channel in pixel..<pixel + Self.channels - 1 {
            let color = min(UInt32(source[channel]), alpha)
            target[channel] = alpha == 0 ? 0 : Sample(truncatingIfNeeded: (color * most + alpha / 2) / alpha)
          }
          target[pixel + Self.channels - 1] = Sample(truncatingIfNeeded: alpha)
        }
      }
    }
  }
}
