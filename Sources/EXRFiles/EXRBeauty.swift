package import ImageCoding
import Platform

extension EXRSamples {
  /// A plate's own linear values, multiplied by a matte: red, green, blue and alpha of each pixel. Where the matte is 1 they
  /// are the plate's, to the last bit.
  ///
  /// - Parameter matte: A value for each pixel, 0 to 1.
  package static func premultiplied(_ plate: EXRPlate, by matte: [Float]) -> EXRSamples {
    precondition(matte.count * 4 == plate.pixels.count)
    return EXRSamples(halves: plate.pixels.count) { samples in
      for (pixel, share) in matte.enumerated() where share > 0 {
        for place in 4 * pixel..<4 * pixel + 4 {
          let value = plate.pixels[place]
          samples[place] = share == 1 ? value : halfBits(halfValue(value) * share)
        }
      }
    }
  }

  /// A photograph's values as linear ones of Rec. 709 primaries, multiplied by its own alpha and a matte: red, green, blue
  /// and alpha of each pixel.
  ///
  /// - Parameter matte: A value for each pixel, 0 to 1.
  package static func premultiplied(_ photo: RGBImage, alpha: GrayImage?, by matte: [Float]) -> EXRSamples {
    precondition(matte.count * 3 == photo.pixels.count)
    let linear = (0...255).map { linearValue(Double($0) / 255) }
    let own = alpha.flatMap { $0.width == photo.width && $0.height == photo.height ? $0.pixels : nil }
    return EXRSamples(halves: 4 * matte.count) { samples in
      photo.pixels.withUnsafeBufferPointer { colors in
        for (pixel, share) in matte.enumerated() where share > 0 {
          let share = share * (own.map { Float($0[pixel]) / 255 } ?? 1)
          for channel in 0..<3 {
            samples[4 * pixel + channel] = halfBits(linear[Int(colors[3 * pixel + channel])] * share)
          }
          samples[4 * pixel + 3] = halfBits(share)
        }
      }
    }
  }
}

/// The linear value of one of sRGB (IEC 61966-2-1), 0 to 1.
private func linearValue(_ value: Double) -> Float {
  Float(value <= 0.040_45 ? value / 12.92 : Double.pow((value + 0.055) / 1.055, 2.4))
}
