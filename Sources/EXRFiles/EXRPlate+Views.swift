package import ImageCoding
import Platform

extension EXRPlate {
  /// The plate as a display shows it, with straight colors of sRGB's primaries.
  ///
  /// - Throws: `ImageCodingError` for a size that no image has.
  package func image(_ view: PlateView) throws -> RGBImage {
    let table = view.table()
    let matrix = toRec709
    return try RGBImage(width: width, height: height) { image in
      pixels.withUnsafeBufferPointer { pixels in
        table.withUnsafeBufferPointer { table in
          for place in 0..<image.count / 3 {
            let alpha = pixels[4 * place + 3]
            var color = (pixels[4 * place], pixels[4 * place + 1], pixels[4 * place + 2])
            // Between 0 and 1; light with no alpha at all stays as it is.
            if alpha > 0, alpha < Self.one {
              let own = halfValue(alpha)
              color = (
                halfBits(halfValue(color.0) / own), halfBits(halfValue(color.1) / own),
                halfBits(halfValue(color.2) / own)
              )
            }
            if let matrix {
              let converted = matrix * Self.color(color.0, color.1, color.2)
              color = (halfBits(Float(converted.x)), halfBits(Float(converted.y)), halfBits(Float(converted.z)))
            }
            image[3 * place] = table[Int(color.0)]
            image[3 * place + 1] = table[Int(color.1)]
            image[3 * place + 2] = table[Int(color.2)]
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
