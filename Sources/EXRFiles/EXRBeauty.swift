package import ImageCoding

extension EXRSamples {
  /// A plate's own linear values under a matte: red, green, blue and alpha of each pixel. Where the matte is 1, premultiplied
  /// values are the plate's, to the last bit. What the matte leaves nothing of is 0.
  ///
  /// - Parameters:
  ///   - matte: A value for each pixel, 0 to 1.
  ///   - isStraight: Whether colors are divided by the plate's alpha, and not multiplied by the matte.
  package static func layer(of plate: EXRPlate, under matte: [Float], isStraight: Bool = false) -> EXRSamples {
    precondition(matte.count * 4 == plate.pixels.count)
    return EXRSamples(halves: plate.pixels.count) { samples in
      for (pixel, share) in matte.enumerated() where share > 0 {
        let alpha = plate.pixels[4 * pixel + 3]
        for place in 4 * pixel..<4 * pixel + 3 {
          let value = plate.pixels[place]
          if isStraight {
            let isTranslucent = alpha > 0 && alpha < EXRPlate.one
            samples[place] = isTranslucent ? halfBits(halfValue(value) / halfValue(alpha)) : value
          } else {
            samples[place] = share == 1 ? value : halfBits(halfValue(value) * share)
          }
        }
        samples[4 * pixel + 3] = share == 1 ? alpha : halfBits(halfValue(alpha) * share)
      }
    }
  }

  /// A photograph's values as linear ones of Rec. 709 primaries under a matte: red, green, blue and alpha of each pixel. What
  /// the matte leaves nothing of is 0.
  ///
  /// - Parameters:
  ///   - photo: In sRGB.
  ///   - matte: A value for each pixel, 0 to 1, times the photo's own alpha.
  ///   - isStraight: Whether colors are not multiplied by the matte.
  package static func layer(of photo: RGBImage, under matte: [Float], isStraight: Bool = false) -> EXRSamples {
    linear(photo, matte, isStraight)
  }

  /// As `layer(of:under:isStraight:)`, with 16 bits.
  package static func layer(of photo: RGB16Image, under matte: [Float], isStraight: Bool = false) -> EXRSamples {
    linear(photo, matte, isStraight)
  }

  private static func linear<Photo: SampledImage>(_ photo: Photo, _ matte: [Float], _ isStraight: Bool) -> EXRSamples {
    precondition(matte.count * 3 == photo.pixels.count)
    let table = (0...Int(Photo.Sample.max)).map { (Float($0) / Float(Photo.Sample.max)).sRGBLinear }
    return EXRSamples(halves: 4 * matte.count) { samples in
      photo.pixels.withUnsafeBufferPointer { colors in
        for (pixel, share) in matte.enumerated() where share > 0 {
          for channel in 0..<3 {
            samples[4 * pixel + channel] = halfBits(
              table[Int(colors[3 * pixel + channel])] * (isStraight ? 1 : share))
          }
          samples[4 * pixel + 3] = halfBits(share)
        }
      }
    }
  }
}
