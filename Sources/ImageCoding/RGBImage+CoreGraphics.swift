#if canImport(CoreGraphics)
  public import CoreGraphics

  extension RGBImage {
    /// The pixels of a Core Graphics image, drawn in sRGB; alpha is dropped over black.
    ///
    /// - Throws: ``ImageCodingError`` with the code `unsupported` if Core Graphics cannot draw the image.
    public init(_ image: CGImage) throws {
      let layout = PixelLayout(.rgba8, width: image.width, height: image.height)
      var bytes = [UInt8](repeating: 0, count: max(layout.bytesPerRow * layout.height, 0))
      let isDrawn = bytes.withUnsafeMutableBytes { bytes in
        guard let space = CGColorSpace(name: CGColorSpace.sRGB),
          let context = CGContext(
            data: bytes.baseAddress, width: layout.width, height: layout.height, bitsPerComponent: 8,
            bytesPerRow: layout.bytesPerRow, space: space, bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue)
        else { return false }
        context.draw(image, in: CGRect(x: 0, y: 0, width: layout.width, height: layout.height))
        return true
      }
      guard isDrawn else {
        throw ImageCodingError(
          .unsupported, "A Core Graphics image of \(image.width) × \(image.height) cannot be drawn")
      }
      try self.init(copying: bytes, layout: layout)
    }

    /// The picture as a Core Graphics image in sRGB; `nil` if Core Graphics cannot make one.
    public var cgImage: CGImage? {
      makeCGImage(pixels, layout: layout, alpha: .none, space: CGColorSpace(name: CGColorSpace.sRGB))
    }
  }

  extension RGBAImage {
    /// The picture as a Core Graphics image in sRGB with straight alpha; `nil` if Core Graphics cannot make one.
    public var cgImage: CGImage? {
      makeCGImage(pixels, layout: layout, alpha: .last, space: CGColorSpace(name: CGColorSpace.sRGB))
    }
  }

  extension GrayImage {
    /// The picture as a Core Graphics image in linear gray, as masks are; `nil` if Core Graphics cannot make one.
    public var cgImage: CGImage? {
      makeCGImage(pixels, layout: layout, alpha: .none, space: CGColorSpace(name: CGColorSpace.linearGray))
    }
  }

  private func makeCGImage(
    _ pixels: [UInt8], layout: PixelLayout, alpha: CGImageAlphaInfo, space: CGColorSpace?
  ) -> CGImage? {
    guard let space, let data = CFDataCreate(nil, pixels, pixels.count), let provider = CGDataProvider(data: data)
    else { return nil }
    return CGImage(
      width: layout.width, height: layout.height, bitsPerComponent: 8, bitsPerPixel: 8 * layout.format.bytesPerPixel,
      bytesPerRow: layout.bytesPerRow, space: space, bitmapInfo: CGBitmapInfo(rawValue: alpha.rawValue),
      provider: provider, decode: nil, shouldInterpolate: true, intent: .defaultIntent)
  }
#endif
