import CWebP

/// Reads WebP images through libwebp.
enum WebPReader {
  /// Any WebP as RGB, before orientation; of an animation the first frame, on black where it leaves the canvas free.
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
    let image = try RGBImage(width: width, height: height) { canvas in
      try decode(frame, into: canvas, width: width, height: height, name: name)
    }
    let orientation = chunk("EXIF", of: demuxer, EXIF.orientation) ?? chunk("XMP ", of: demuxer, XMP.orientation) ?? .up
    return StoredImage(image: image, orientation: orientation, notes: notes(of: demuxer, name: name))
  }

  private static func decode(
    _ frame: WebPIterator, into canvas: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int, name: String
  ) throws {
    let (x, y) = (Int(frame.x_offset), Int(frame.y_offset))
    let (columns, rows) = (Int(frame.width), Int(frame.height))
    guard x >= 0, y >= 0, columns > 0, rows > 0, x + columns <= width, y + rows <= height else {
      throw ImageCodingError(.corrupt, "\(name): a frame of the WebP image lies outside its canvas")
    }
    if columns < width || rows < height { canvas.update(repeating: 0) }
    let rowBytes = 3 * width
    let start = y * rowBytes + 3 * x
    var configuration = WebPDecoderConfig()
    guard WebPInitDecoderConfig(&configuration) != 0 else {
      throw ImageCodingError(.unsupported, "\(name): the WebP library is of another version than the one built for")
    }
    configuration.output.colorspace = MODE_RGB
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

  /// Whether the size that the file gives itself is larger than it is.
  private static func endsEarly(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var cursor = ByteCursor(bytes, order: .little)
    cursor.skip(4)
    return cursor.next(UInt32.self).map { bytes.count < Int($0) + 8 } ?? true
  }

  private static func truncation(_ name: String) -> ImageCodingError {
    ImageCodingError(.truncated, "\(name): a whole WebP image was expected, found part of one")
  }

  private static func notes(of demuxer: OpaquePointer, name: String) -> [String] {
    var notes: [String] = []
    if WebPDemuxGetI(demuxer, WEBP_FF_FRAME_COUNT) > 1 {
      notes.append("\(name): animated WebP, only the first frame was read")
    }
    if chunk("ICCP", of: demuxer, ColorProfile.isSRGB) == false { notes.append(ColorProfile.note(name)) }
    return notes
  }

  /// What `read` makes of the first chunk of that name, or nil if there is none.
  private static func chunk<Result>(
    _ name: String, of demuxer: OpaquePointer, _ read: (UnsafeRawBufferPointer) -> Result?
  ) -> Result? {
    var iterator = WebPChunkIterator()
    defer { WebPDemuxReleaseChunkIterator(&iterator) }
    guard WebPDemuxGetChunk(demuxer, name, 1, &iterator) != 0 else { return nil }
    return read(UnsafeRawBufferPointer(start: iterator.chunk.bytes, count: iterator.chunk.size))
  }
}
