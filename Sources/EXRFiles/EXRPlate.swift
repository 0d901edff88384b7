import COpenEXRShims
package import ImageCoding

/// A frame of film in scene-linear light, with what its file says beside the pixels.
package struct EXRPlate: Sendable {
  /// The pixels that the file has. They may be more or fewer than those of the frame, and elsewhere.
  package let dataWindow: EXRWindow
  /// The frame.
  package let displayWindow: EXRWindow
  /// Red, green, blue and alpha of the data window in half precision, axes (height, width, 4); premultiplied. Alpha is 1
  /// where the file has none.
  package private(set) var pixels: [UInt16]
  /// Width of a pixel by its height.
  package let pixelAspectRatio: Float
  /// Whether anything is transparent.
  package let hasAlpha: Bool
  /// Attributes that do not describe how the file is laid out: time code, camera, color space and the like.
  package private(set) var attributes: [EXRAttribute]
  /// Sentences about what was ignored or assumed.
  package let notes: [String]

  /// Pixels in a row.
  package var width: Int { dataWindow.width }
  /// Rows.
  package var height: Int { dataWindow.height }

  /// Reads a file: of scan lines or tiles, with one part or several, of half, float or uint channels, of red, green and
  /// blue, of luminance and chroma, or gray, in any compression.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: Its name in messages.
  ///   - layer: The layer or part to read; `nil` for the unnamed channels, or the first layer.
  ///   - limits: Largest size, which is checked before pixels are allocated.
  /// - Throws: `ImageCodingError`, among them `unsupported` for deep files, and for layers that are not there.
  package init(
    _ bytes: UnsafeRawBufferPointer, name: String, layer: String? = nil, limits: ImageLimits = .default
  ) throws {
    let header = try EXRHeader(bytes, name: name)
    let layer = try EXRLayer.choose(layer, in: header, name: name)
    let part = header.parts[layer.part]
    try Self.check(part, limits: limits, name: name)
    (dataWindow, displayWindow) = (part.dataWindow, part.displayWindow)
    pixelAspectRatio = part.pixelAspectRatio
    let pixelCount = dataWindow.width * dataWindow.height
    var pixels = try [UInt16](unsafeUninitializedCapacity: 4 * pixelCount) { buffer, count in
      try Self.read(bytes, layer, of: part, into: buffer.baseAddress, pixelCount: pixelCount, name: name)
      count = 4 * pixelCount
    }
    var notes: [String] = []
    let alphas = layer.alpha == nil ? Alphas.opaque : Self.alphas(pixels)
    if alphas == .empty {
      // Some programs write the channel of plates that have no alpha.
      for place in stride(from: 3, to: pixels.count, by: 4) { pixels[place] = Self.one }
      notes.append("its alpha is 0 everywhere, and was ignored")
    }
    self.pixels = pixels
    hasAlpha = alphas == .mixed
    attributes = Self.carried(part.attributes)
    if dataWindow != displayWindow {
      notes.append(
        "its data window, \(dataWindow), was parsed, and the results have its size; "
          + "the display window is \(displayWindow)")
    }
    if !layer.name.isEmpty { notes.append("its layer \(layer.name) was read") }
    let chromaticities = part.attributes.first { $0.name == EXRChromaticities.attributeName }
    if let chromaticities, EXRChromaticities(chromaticities) == nil {
      notes.append("its chromaticities are none that colors can have, and were ignored")
    }
    self.notes = notes
  }

  /// The primaries that the file states; `nil` if it states none, or such as no colors have.
  package var primaries: EXRChromaticities? { attributes.lazy.compactMap { EXRChromaticities($0) }.first }

  /// The matrix from the plate's linear values to those of Rec. 709 primaries; `nil` where they are that already.
  var toRec709: Matrix3? {
    guard let primaries, !primaries.isClose(to: .rec709) else { return nil }
    return primaries.toRec709
  }

  /// The plate with values of Rec. 709 primaries, and without the attribute that says others.
  package func inRec709() -> EXRPlate {
    guard let matrix = toRec709 else { return self }
    var plate = self
    plate.attributes.removeAll { $0.name == EXRChromaticities.attributeName }
    plate.pixels.withUnsafeMutableBufferPointer { pixels in
      for place in stride(from: 0, to: pixels.count, by: 4) {
        let color = matrix * Self.color(pixels[place], pixels[place + 1], pixels[place + 2])
        for channel in 0..<3 { pixels[place + channel] = halfBits(Float(color[channel])) }
      }
    }
    return plate
  }

  @inline(__always)
  static func color(_ red: UInt16, _ green: UInt16, _ blue: UInt16) -> SIMD3<Double> {
    SIMD3(Double(halfValue(red)), Double(halfValue(green)), Double(halfValue(blue)))
  }

  private enum Alphas { case opaque, mixed, empty }

  private static func alphas(_ pixels: [UInt16]) -> Alphas {
    let values = stride(from: 3, to: pixels.count, by: 4).lazy.map { pixels[$0] }
    if values.allSatisfy({ $0 == one }) { return .opaque }
    return values.allSatisfy { $0 & 0x7FFF == 0 } ? .empty : .mixed
  }

  /// Attributes that other files can have too, the first of each name.
  package static func carried(_ attributes: [EXRAttribute]) -> [EXRAttribute] {
    var seen = structural
    return attributes.filter { seen.insert($0.name).inserted && $0.type != "preview" }
  }

  /// Attributes that a writer makes anew.
  private static let structural: Set<String> = [
    "channels", "compression", "dataWindow", "displayWindow", "lineOrder", "pixelAspectRatio", "screenWindowCenter",
    "screenWindowWidth", "tiles", "name", "type", "version", "chunkCount", "dwaCompressionLevel", "maxSamplesPerPixel",
  ]

  private static func check(_ part: EXRPart, limits: ImageLimits, name: String) throws {
    let (width, height) = (part.dataWindow.width, part.dataWindow.height)
    guard width > 0, height > 0 else {
      throw ImageCodingError(.corrupt, "\(name): the image is \(width) × \(height); at least 1 × 1 was expected")
    }
    // The largest side keeps the product small, too.
    guard max(width, height) <= Int(EXR_SHIM_LARGEST_SIDE), width * height <= limits.maximumPixels else {
      throw ImageCodingError(
        .tooLarge, "\(name): the image is \(width) × \(height); at most \(limits.maximumPixels) pixels are allowed")
    }
  }

  private static func read(
    _ bytes: UnsafeRawBufferPointer, _ layer: EXRLayer, of part: EXRPart, into pixels: UnsafeMutablePointer<UInt16>?,
    pixelCount: Int, name: String
  ) throws {
    let file = bytes.assumingMemoryBound(to: UInt8.self)
    switch layer.colors {
    case .luminanceChroma:
      guard layer.part == 0 else {
        throw ImageCodingError(
          .unsupported, "\(name): luminance and chroma were expected in the first part, found them in another")
      }
      try EXRShim.call { message in
        exr_shim_read_luminance_chroma(file.baseAddress, file.count, layer.prefix, pixels, pixelCount, message)
      }.check(name: name)
    case .gray(let luminance):
      try read(file, [luminance, luminance, luminance, layer.alpha], part, layer.part, pixels, pixelCount, name)
    case .rgb(let red, let green, let blue):
      try read(file, [red, green, blue, layer.alpha], part, layer.part, pixels, pixelCount, name)
    }
  }

  private static func read(
    _ file: UnsafeBufferPointer<UInt8>, _ channels: [String?], _ part: EXRPart, _ index: Int,
    _ pixels: UnsafeMutablePointer<UInt16>?, _ pixelCount: Int, _ name: String
  ) throws {
    for channel in part.channels where channels.contains(channel.name) {
      guard channel.samplingX == 1, channel.samplingY == 1 else {
        throw ImageCodingError(
          .unsupported, "\(name): a value for each pixel was expected, found that \(channel.name) has fewer")
      }
    }
    try EXRShim.call { message in
      EXRShim.withCStrings(channels) { names in
        exr_shim_read(file.baseAddress, file.count, Int32(index), names, pixels, pixelCount, message)
      }
    }.check(name: name)
  }
}

extension EXRWindow: CustomStringConvertible {
  package var description: String { "\(width) × \(height) from (\(minX), \(minY))" }
}
