import CImageShims
import Foundation

/// Writes PNG files through libpng.
struct PNGWriter {
  let width: Int
  let height: Int
  var bitDepth: UInt8 = 8
  let colorType: PNGHeader.ColorType
  let compression: PNGCompression
  /// Red, green, blue of each index, for indexed images.
  var palette: [UInt8] = []

  /// The whole file.
  ///
  /// - Throws: `ImageCodingError` where the image is too wide or high for a PNG, or memory runs out.
  func data(_ samples: UnsafeRawBufferPointer) throws -> Data {
    guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height), max(columns, rows) <= Int32.max
    else {
      throw ImageCodingError(.tooLarge, "A PNG is at most 2147483647 pixels wide and high, not \(width) × \(height)")
    }
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let answer = palette.withUnsafeBufferPointer { palette in
      var description = image_png_description()
      (description.width, description.height) = (columns, rows)
      (description.bit_depth, description.color_type) = (bitDepth, colorType.rawValue)
      (description.level, description.filters) = (compression.level, filters)
      description.runs_only = compression == .flat ? 1 : 0
      (description.palette, description.palette_count) = (palette.baseAddress, Int32(clamping: palette.count / 3))
      return Shim.call { message, _ in
        image_png_write(
          &description, samples.baseAddress?.assumingMemoryBound(to: UInt8.self), samples.count, &file, &count, message)
      }
    }
    guard answer.status == IMAGE_SHIM_OK, let file else {
      throw ImageCodingError(.writeFailed, "The image could not be written as PNG: \(answer.message)")
    }
    return Data(bytesNoCopy: file, count: count, deallocator: .free)
  }

  /// What rows are subtracted from before they are compressed, as libpng's bits: nothing for indices, whose runs
  /// compress best as they are; otherwise nothing, the left or the upper neighbor, whichever libpng thinks best for each
  /// row. The two filters that are left out cost more time than they save bytes. Of flat colours, the upper neighbor
  /// leaves almost nothing.
  private var filters: Int32 {
    if colorType == .palette { return 0x08 }
    return compression == .flat ? 0x20 : 0x08 | 0x10 | 0x20
  }
}
