import COpenEXRShims
package import Foundation
import ImageCoding

/// Samples of one or several channels in half or single precision, that do not change once they are made.
package final class EXRSamples: Sendable {
  let isFloat: Bool
  let count: Int
  /// Audited as `nonisolated(unsafe)`: nobody writes them after `init`.
  fileprivate nonisolated(unsafe) let storage: UnsafeMutableRawPointer

  /// Half-precision samples that `fill` writes.
  package init(halves count: Int, _ fill: (UnsafeMutableBufferPointer<UInt16>) throws -> Void) rethrows {
    (isFloat, self.count) = (false, count)
    storage = .allocate(byteCount: max(count, 1) * 2, alignment: 64)
    let samples = storage.bindMemory(to: UInt16.self, capacity: count)
    samples.initialize(repeating: 0, count: count)
    try fill(UnsafeMutableBufferPointer(start: samples, count: count))
  }

  /// Single-precision samples that `fill` writes.
  package init(floats count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    (isFloat, self.count) = (true, count)
    storage = .allocate(byteCount: max(count, 1) * 4, alignment: 64)
    let samples = storage.bindMemory(to: Float.self, capacity: count)
    samples.initialize(repeating: 0, count: count)
    try fill(UnsafeMutableBufferPointer(start: samples, count: count))
  }

  /// Least value that files keep: half a step of 16 bits. Below it mattes have noise that nobody sees, and that takes a
  /// compressor longer than all the rest.
  static let least: Float = 0x1p-17

  /// Values of a matte in half precision; what 16 bits round to 0 is 0.
  package convenience init(halving values: [Float]) {
    self.init(halves: values.count) { samples in
      for (index, value) in values.enumerated() where value >= Self.least { samples[index] = halfBits(value) }
    }
  }

  deinit { storage.deallocate() }

  /// The value of a single-precision sample.
  package func float(at index: Int) -> Float {
    precondition(isFloat && (0..<count).contains(index))
    return storage.load(fromByteOffset: 4 * index, as: Float.self)
  }
}

/// A channel to write.
package struct EXRSampledChannel: Sendable {
  package var name: String
  package var samples: EXRSamples
  /// The first sample, and the number of samples from one pixel to the next.
  package var first: Int
  package var stride: Int

  package init(_ name: String, _ samples: EXRSamples, first: Int = 0, stride: Int = 1) {
    (self.name, self.samples, self.first, self.stride) = (name, samples, first, stride)
  }
}

/// Compression of a file; every choice is lossless.
package enum EXRCompression: String, Sendable, CaseIterable {
  case none, zips, zip, piz, rle

  fileprivate var code: exr_shim_compression {
    switch self {
    case .none: EXR_SHIM_UNCOMPRESSED
    case .zips: EXR_SHIM_ZIPS
    case .zip: EXR_SHIM_ZIP
    case .piz: EXR_SHIM_PIZ
    case .rle: EXR_SHIM_RLE
    }
  }
}

/// An image of any channels, to be written as a file of one part of scan lines.
package struct EXRImage: Sendable {
  /// Longest name of a channel in bytes; readers of older versions take no longer ones.
  package static let longestName = 31

  package var dataWindow: EXRWindow
  package var displayWindow: EXRWindow
  package var pixelAspectRatio: Float
  package var compression: EXRCompression
  package var channels: [EXRSampledChannel]
  package var attributes: [EXRAttribute]

  package init(
    dataWindow: EXRWindow, displayWindow: EXRWindow, pixelAspectRatio: Float = 1, compression: EXRCompression = .zip,
    channels: [EXRSampledChannel], attributes: [EXRAttribute] = []
  ) {
    self.dataWindow = dataWindow
    self.displayWindow = displayWindow
    self.pixelAspectRatio = pixelAspectRatio
    self.compression = compression
    self.channels = channels
    self.attributes = attributes
  }

  /// The bytes of the file.
  ///
  /// - Precondition: Every channel has a sample for each pixel of the data window.
  /// - Throws: `ImageCodingError` (`writeFailed`) for channels of the same name or without one, and where memory runs out.
  package func data() throws -> Data {
    let pixelCount = dataWindow.width * dataWindow.height
    for channel in channels {
      precondition(channel.first + (pixelCount - 1) * channel.stride < channel.samples.count)
      guard (1...Self.longestName).contains(channel.name.utf8.count) else {
        throw refusal("expected names of channels of 1 to \(Self.longestName) bytes, found \(channel.name)")
      }
    }
    guard Set(channels.map(\.name)).count == channels.count else {
      throw refusal("expected channels of different names, found \(channels.map(\.name).joined(separator: ", "))")
    }
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let result = withExtendedLifetime(channels) {
      EXRShim.call { message in
        withDescription { description in
          withUnsafePointer(to: description) { exr_shim_write($0, &file, &count, message) }
        }
      }
    }
    guard result.status == EXR_SHIM_OK, let file else { throw refusal(result.message) }
    return Data(bytesNoCopy: file, count: count, deallocator: .free)
  }

  private func refusal(_ reason: String) -> ImageCodingError {
    ImageCodingError(.writeFailed, "The image could not be written as OpenEXR: \(reason)")
  }

  private func withDescription(_ body: (exr_shim_image) -> exr_shim_status) -> exr_shim_status {
    let attributes = attributes
    let values = attributes.flatMap(\.value)
    let texts = channels.map(\.name) + attributes.flatMap { [$0.name, $0.type] }
    return EXRShim.withCStrings(texts) { texts in
      values.withUnsafeBufferPointer { values in
        var offset = 0
        let described = attributes.enumerated().map { index, attribute in
          defer { offset += attribute.value.count }
          return exr_shim_attribute(
            name: texts?[channels.count + 2 * index], type: texts?[channels.count + 2 * index + 1],
            value: values.baseAddress.map { $0 + offset }, count: attribute.value.count)
        }
        let sampled = channels.enumerated().map { index, channel in
          let size = channel.samples.isFloat ? 4 : 2
          return exr_shim_channel(
            name: texts?[index], is_float: channel.samples.isFloat ? 1 : 0,
            samples: channel.samples.storage + channel.first * size, stride: channel.stride * size)
        }
        return described.withUnsafeBufferPointer { described in
          sampled.withUnsafeBufferPointer { sampled in
            body(
              exr_shim_image(
                data_window: dataWindow.corners, display_window: displayWindow.corners,
                pixel_aspect_ratio: pixelAspectRatio, compression: compression.code, channels: sampled.baseAddress,
                channel_count: sampled.count, attributes: described.baseAddress, attribute_count: described.count))
          }
        }
      }
    }
  }
}

extension EXRWindow {
  fileprivate var corners: (Int32, Int32, Int32, Int32) { (minX, minY, maxX, maxY) }
}
