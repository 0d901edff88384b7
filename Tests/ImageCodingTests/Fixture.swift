import Foundation
import ImageCoding
import Testing

/// A file of the folder `Fixtures`, written by `make_fixtures.py` there.
struct Fixture: Sendable, CustomTestStringConvertible {
  let url: URL

  var name: String { url.lastPathComponent }
  var testDescription: String { name }

  init(_ path: String) { url = Fixture.folder.appendingPathComponent(path) }

  private init(url: URL) { self.url = url }

  private static let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures")

  /// The images of a folder, sorted by name; the expected pixels beside them are left out.
  static func images(in folder: String) -> [Fixture] {
    let files = try? FileManager.default.contentsOfDirectory(
      at: Fixture.folder.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension != "ppm" }.sorted { $0.path < $1.path }.map(Fixture.init(url:))
  }

  var bytes: [UInt8] { get throws { try [UInt8](Data(contentsOf: url)) } }

  /// What Pillow makes of the image.
  var expected: RGBImage { get throws { try RGBImage(ppm: url.appendingPathExtension("ppm")) } }
}

extension RGBImage {
  /// Reads a PPM whose header is one line.
  init(ppm url: URL) throws {
    let bytes = try [UInt8](Data(contentsOf: url))
    let line = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let fields = String(decoding: bytes[..<line], as: UTF8.self).split(separator: " ")
    let (width, height) = (try #require(Int(fields[1])), try #require(Int(fields[2])))
    try self.init(width: width, height: height, pixels: Array(bytes[(line + 1)...]))
  }
}

/// Expects two images of the same size whose values differ by at most `tolerance`, and tells the worst place.
func expectSame(
  _ image: RGBImage, _ expected: RGBImage, within tolerance: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(image.width == expected.width && image.height == expected.height, sourceLocation: sourceLocation)
  guard image.width == expected.width, image.height == expected.height else { return }
  let errors = zip(image.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
  guard let worst = errors.max(), worst > tolerance, let index = errors.firstIndex(of: worst) else { return }
  let place = "row \(index / 3 / image.width), column \(index / 3 % image.width), channel \(index % 3)"
  Issue.record(
    "off by \(worst) at \(place): \(image.pixels[index]) for \(expected.pixels[index])", sourceLocation: sourceLocation)
}

/// Expects an error with that code whose sentence contains `words`.
func expectRefusal(
  _ code: ImageCodingError.Code, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("was not refused", sourceLocation: sourceLocation)
  } catch let error as ImageCodingError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    for word in words { #expect(error.message.contains(word), "\(error)", sourceLocation: sourceLocation) }
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}
