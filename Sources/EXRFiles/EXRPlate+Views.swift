package import ImageCoding
import Platform

extension EXRPlate {
  /// The plate as a display shows it, with straight colors.
  ///
  /// - Throws: `ImageCodingError` for a size that no image has.
  package func image(_ view: PlateView) throws -> RGBImage {
    let table = view.table()
    return try RGBImage(width: width, height: height) { image in
      pixels.withUnsafeBufferPointer { pixels in
        table.withUnsafeBufferPointer { table in
          for place in 0..<image.count / 3 {
            let alpha = pixels[4 * place + 3]
            for channel in 0..<3 {
              var value = pixels[4 * place + channel]
              // Between 0 and 1; light with no alpha at all stays as it is.
              if alpha > 0, alpha < Self.one { value = halfBits(halfValue(value) / halfValue(alpha)) }
              image[3 * place + channel] = table[Int(value)]
            }
          }
        }
      }
    }
  }

  /// The plate's alpha; `nil` where all of it is opaque.
  package func alpha() throws -> GrayImage? {
    guard hasAlpha else { return nil }
    return try GrayImage(width: width, height: height) { image in
      for place in 0..<image.count {
        let value = halfValue(pixels[4 * place + 3])
        // False for no number, too.
        image[place] = value > 0 ? UInt8(min(value, 1) * 255 + 0.5) : 0
      }
    }
  }

  static let one: UInt16 = 0x3C00
}
