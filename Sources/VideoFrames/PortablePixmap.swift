package import ImageCoding
package import Platform

/// Reader of pictures in the PPM format (`P6`, netpbm) that follow each other in a pipe, each with its own size.
package struct PortablePixmapReader {
  private let pipe: PipeReader
  private let limits: ImageLimits
  /// A row of samples of two bytes.
  private var row: [UInt8] = []

  package init(_ pipe: PipeReader, limits: ImageLimits) {
    self.pipe = pipe
    self.limits = limits
  }

  /// Why a picture cannot be read.
  package enum Refusal: Error, Equatable {
    /// The stream ended within a picture.
    case cutOff
    /// The stream holds something else.
    case notPixmap
    case tooLarge(width: Int, height: Int)
    case system(SystemError)
  }

  /// The next picture; `nil` at the end of the stream. Of samples of two bytes the high one is kept.
  package mutating func next() throws(Refusal) -> RGBImage? {
    guard let header = try header() else { return nil }
    let (width, height) = (header.width, header.height)
    let (pixels, isTooMany) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !isTooMany, pixels <= limits.maximumPixels else {
      throw .tooLarge(width: width, height: height)
    }
    var refusal: Refusal?
    let image = try? RGBImage(width: width, height: height) { target in
      do throws(Refusal) {
        if header.maximum > 255 {
          try fillFromWords(target, rowSamples: 3 * width)
        } else {
          try Self.fill(UnsafeMutableRawBufferPointer(target), from: pipe)
        }
      } catch {
        target.initialize(repeating: 0)
        refusal = error
      }
    }
    if let refusal { throw refusal }
    return image
  }

  private static func fill(_ target: UnsafeMutableRawBufferPointer, from pipe: PipeReader) throws(Refusal) {
    let count: Int
    do throws(SystemError) { count = try pipe.read(into: target) } catch { throw .system(error) }
    guard count == target.count else { throw .cutOff }
  }

  private mutating func fillFromWords(
    _ target: UnsafeMutableBufferPointer<UInt8>, rowSamples: Int
  ) throws(Refusal) {
    if row.count != 2 * rowSamples { row = Array(repeating: 0, count: 2 * rowSamples) }
    let pipe = pipe
    for start in stride(from: 0, to: target.count, by: rowSamples) {
      let result = row.withUnsafeMutableBytes { bytes in
        Result { () throws(Refusal) in try Self.fill(bytes, from: pipe) }
      }
      try result.get()
      for index in 0..<rowSamples { target[start + index] = row[2 * index] }
    }
  }

  // MARK: The header

  private struct Header {
    var width: Int
    var height: Int
    var maximum: Int
  }

  /// Longest header that is read.
  private static let mostBytes = 64

  /// The header of a picture: `P6`, width, height and largest sample, each after white space, and one white space.
  private func header() throws(Refusal) -> Header? {
    var text: [UInt8] = []
    var fields = 0
    while fields < 4 {
      guard let byte = try byte() else {
        if text.isEmpty { return nil }
        throw .cutOff
      }
      text.append(byte)
      guard text.count <= Self.mostBytes else { throw .notPixmap }
      if text.count == 2, text != Array("P6".utf8) { throw .notPixmap }
      let isSpace = [9, 10, 13, 32].contains(byte)
      if isSpace, text.count > 1, ![9, 10, 13, 32].contains(text[text.count - 2]) { fields += 1 }
    }
    let words = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    let numbers = words.dropFirst().compactMap { Int($0) }
    guard words.count == 4, numbers.count == 3, (1...65535).contains(numbers[2]) else { throw .notPixmap }
    return Header(width: numbers[0], height: numbers[1], maximum: numbers[2])
  }

  private func byte() throws(Refusal) -> UInt8? {
    var byte: UInt8 = 0
    let result = withUnsafeMutableBytes(of: &byte) { bytes in
      Result { () throws(SystemError) in try pipe.read(into: bytes) }
    }
    do throws(SystemError) { return try result.get() == 1 ? byte : nil } catch { throw .system(error) }
  }
}
