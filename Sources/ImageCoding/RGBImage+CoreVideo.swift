#if canImport(CoreVideo)
  public import CoreVideo

  extension RGBImage {
    /// The pixels of a Core Video pixel buffer of one plane: 32BGRA, 32RGBA, 24RGB or OneComponent8.
    ///
    /// The buffer is locked while it is copied; its color space is not converted.
    /// - Throws: ``ImageCodingError`` with the code `unsupported` for other formats, such as planar YCbCr.
    public init(_ buffer: CVPixelBuffer) throws {
      let format: PixelLayout.Format
      switch CVPixelBufferGetPixelFormatType(buffer) {
      case kCVPixelFormatType_32BGRA: format = .bgra8
      case kCVPixelFormatType_32RGBA: format = .rgba8
      case kCVPixelFormatType_24RGB: format = .rgb8
      case kCVPixelFormatType_OneComponent8: format = .gray8
      case let type:
        throw ImageCodingError(
          .unsupported, "A pixel buffer of 32BGRA, 32RGBA, 24RGB or gray was expected, found \(type)")
      }
      guard CVPixelBufferLockBaseAddress(buffer, .readOnly) == kCVReturnSuccess else {
        throw ImageCodingError(.unsupported, "The pixel buffer cannot be locked")
      }
      defer { CVPixelBufferUnlockBaseAddress(buffer, .readOnly) }
      let layout = PixelLayout(
        format, width: CVPixelBufferGetWidth(buffer), height: CVPixelBufferGetHeight(buffer),
        bytesPerRow: CVPixelBufferGetBytesPerRow(buffer))
      let bytes = UnsafeRawBufferPointer(
        start: CVPixelBufferGetBaseAddress(buffer), count: CVPixelBufferGetDataSize(buffer))
      try self.init(copying: bytes, layout: layout)
    }
  }
#endif
