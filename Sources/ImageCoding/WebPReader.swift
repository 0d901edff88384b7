import CWebP

/// Decoder of WebP images, through libwebp.
enum WebPReader {
  /// A WebP of any kind as RGB, before orientation; of an animation the first frame, on a black canvas.
  static func read(_ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits) throws -> StoredImage {
    var data = WebPData(bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), size: bytes.count)
    var state = WEBP_DEMUX_PARSE_ERROR
    let demuxer = WebPDemuxPartial(&data, &state)
    defer { WebPDemuxDelete(demuxer) }
    guard let demuxer, state != WEBP_DEMUX_PARSE_ERROR else {
      if endsEarly(bytes) { throw truncation(name) }
      throw ImageCodingError(.corrupt, "\(name): a sound WebP image was expected, found a damaged one")
    }
    let width = Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH))
    let height = Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT))
    guard state == WEBP_DEMUX_DONE else { throw truncation(name) }
    try limits.check(width: width, height: height, name: name)

    var frame = WebPIterator()
    defer { WebPDemuxReleaseIterator(&frame) }
    guard WebPDemuxGetFrame(demuxer, 1, &frame) != 0 else { throw truncation(name) }
    let image: RGBImage
    var alpha: StoredImage.Alpha?
    if WebPDemuxGetI(demuxer, WEBP_FF_FORMAT_FLAGS) & UInt32(ALPHA_FLAG.rawValue) != 0 {
      let pixels = try RGBAImage(width: width, height: height) { canvas in
        try decode(frame, into: canvas, channels: 4, width: width, height: height, name: name)
      }
      (image, alpha) = (try pixels.selecting(0..<3), .eight(try pixels.selecting(3..<4)))
    } else {
      image = try RGBImage(width: width, height: height) { canvas in
        try decode(frame, into: canvas, channels: 3, width: width, height: height, name: name)
      }
    }
    let metadata = ImageMetadata(
      exif: chunk("EXIF", of: demuxer, EXIF.orientation), xmp: chunk("XMP ", of: demuxer, XMP.orientation),
      isAnimated: WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT) > 1,
      profile: chunk("ICCP", of: demuxer) { Array($0) })
    return StoredImage(colors: .eight(image), alpha: alpha, metadata: metadata)
  }

  private static func decode(
    _ frame: WebPIterator, into canvas: UnsafeMutableBufferPointer<UInt8>, channels: Int, width: Int, height: Int,
    name: String
  ) throws {
    let (x, y) = (Int(frame.x_offset), Int(frame.y_offset))
    let (columns, rows) = (Int(frame.width), Int(frame.height))
    guard x >= 0, y >= 0, columns > 0, rows > 0, x + columns <= width, y + rows <= height else {
      throw ImageCodingError(.corrupt, "\(name): a frame of the WebP image lies outside its canvas")
    }
    if columns < width || rows < height { canvas.update(repeating: 0) }
    let rowBytes = channels * width
    let start = y * rowBytes + channels * x
    var configuration = WebPDecoderConfig()
    guard WebPInitDecoderConfig(&configuration) != 0 else {
      throw ImageCodingError(.unsupported, "\(name): the WebP library is of another version than the one built for")
    }
    configuration.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB
    configuration.output.is_external_memory = 1
    configuration.output.u.RGBA.rgba = canvas.baseAddress.map { $0 + start }
    configuration.output.u.RGBA.stride = Int32(rowBytes)
    configuration.output.u.RGBA.size = canvas.count - start
    let status = WebPDecode(frame.fragment.bytes, frame.fragment.size, &configuration)
    WebPFreeDecBuffer(&configuration.output)
    switch status {
    case VP8_STATUS_OK: return
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: throw truncation(name)
    case VP8_STATUS_OUT_OF_MEMORY:
      throw ImageCodingError(.tooLarge, "\(name): there is not memory enough for the WebP image")
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      throw ImageCodingError(.unsupported, "\(name): this kind of WebP image is not supported")
    default:
      throw ImageCodingError(.corrupt, "\(name): a sound WebP image was expected, found a damaged one")
    }
  }

  /// Whether the file is shorter than the size in its RIFF header.
  private static func endsEarly(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 8 else { return true }
    return bytes.count < Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))) + 8
  }

  private static func truncation(_ name: String) -> ImageCodingError {
    ImageCodingError(.truncated, "\(name): a whole WebP image was expected, found part of one")
  }

  /// The result of `read` for the first chunk with the given name; `nil` if there is none.
  private static func chunk<Result>(
    _ name: String, of demuxer: OpaquePointer, _ read: (UnsafeRawBufferPointer) -> Result?
  ) -> Result? {
    var iterator = WebPChunkIterator()
    defer { WebPDemuxReleaseChunkIterator(&iterator) }
    guard WebPDemuxGetChunk(demuxer, name, 1, &iterator) != 0 else { return nil }
    return read(UnsafeRawBufferPointer(start: iterator.chunk.bytes, count: iterator.chunk.size))
  }
}
