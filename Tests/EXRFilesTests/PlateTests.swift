import EXRFiles
import Foundation
import ImageCoding
import Testing

/// A file of the folder `Fixtures`, written by `make_fixtures.py` there.
struct Fixture: Sendable, CustomTestStringConvertible {
  let url: URL

  var testDescription: String { url.lastPathComponent }
  var bytes: [UInt8] { get throws { try [UInt8](Data(contentsOf: url)) } }

  init(_ path: String) { url = Fixture.folder.appendingPathComponent(path) }

  private init(url: URL) { self.url = url }

  private static let folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures")

  /// The plates of a folder, sorted by name.
  static func plates(in folder: String) -> [Fixture] {
    let files = try? FileManager.default.contentsOfDirectory(
      at: Fixture.folder.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension == "exr" }.sorted { $0.path < $1.path }.map(Fixture.init(url:))
  }

  /// What the reference reads: width, height, and four half-precision numbers for each pixel.
  func expected() throws -> (width: Int, height: Int, pixels: [UInt16]) {
    let bytes = try [UInt8](Data(contentsOf: url.deletingPathExtension().appendingPathExtension("half")))
    let end = try #require(bytes.firstIndex(of: 0x0A))
    let size = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
    let values = bytes[(end + 1)...]
    let pixels = stride(from: values.startIndex, to: values.endIndex, by: 2).map {
      UInt16(values[$0]) | UInt16(values[$0 + 1]) << 8
    }
    return (size[0], size[1], pixels)
  }

  func plate(layer: String? = nil, limits: ImageLimits = .default) throws -> EXRPlate {
    try bytes.withUnsafeBytes { try EXRPlate($0, name: url.lastPathComponent, layer: layer, limits: limits) }
  }
}

@Suite(.timeLimit(.minutes(10))) struct PlateTests {
  @Test func fixturesAreThere() { #expect(Fixture.plates(in: "plates").count > 35) }

  @Test(arguments: Fixture.plates(in: "plates"))
  func readsTheSamePixelsAsOtherPrograms(_ fixture: Fixture) throws {
    let plate = try fixture.plate()
    let (width, height, pixels) = try fixture.expected()
    #expect(plate.width == width && plate.height == height)
    #expect(plate.pixels.count == pixels.count)
    // Lossy compressions, and conversions of float, may round otherwise in another version of the library.
    let name = fixture.url.lastPathComponent
    let steps = name.hasPrefix("luminance") ? 16 : name.contains("dwa") || name.contains("b44") ? 4 : 1
    let errors = zip(plate.pixels, pixels).map { abs(order($0) - order($1)) }
    let worst = errors.max() ?? 0
    #expect(worst <= steps, "off by \(worst) half-precision numbers at value \(errors.firstIndex(of: worst) ?? 0)")
  }

  /// Place of a half-precision number among all of them.
  private func order(_ bits: UInt16) -> Int { bits & 0x8000 == 0 ? Int(bits) : -Int(bits & 0x7FFF) }

  @Test(
    arguments: [
      ("depth.exr", ImageCodingError.Code.unsupported, "channels R, G and B, or Y, were expected, found Z"),
      ("deep.exr", .unsupported, "found a deep one"), ("truncated.exr", .truncated, "part of one"),
      ("header.exr", .truncated, "its header ends early"), ("empty-window.exr", .corrupt, "the image is 0 × 0"),
      ("huge.exr", .tooLarge, "the image is 200001 × 200001; at most 100000000 pixels"),
      ("endless-attribute.exr", .truncated, "its header ends early"),
    ])
  func refusesInASentence(_ file: String, _ code: ImageCodingError.Code, _ words: String) {
    do {
      _ = try Fixture("refused/\(file)").plate()
      Issue.record("\(file) was read")
    } catch let error as ImageCodingError {
      #expect(error.code == code, "\(error)")
      #expect(error.message.hasPrefix("\(file): ") && error.message.contains(words), "\(error)")
      #expect(!error.message.contains("\n"))
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func limitsCountBeforePixelsDo() throws {
    var limits = ImageLimits.default
    limits.maximumPixels = 1000
    #expect(throws: ImageCodingError.self) { try Fixture("plates/half-zip.exr").plate(limits: limits) }
  }

  @Test func everyCutIsRefused() throws {
    let whole = try Fixture("plates/half-piz.exr").bytes
    for count in stride(from: 0, to: whole.count - 1, by: 7) {
      #expect(throws: ImageCodingError.self) {
        try whole.prefix(count).withUnsafeBytes { try EXRPlate($0, name: "cut") }
      }
    }
  }

  @Test func layersAndPartsAreChosenByName() throws {
    let plate = try Fixture("plates/layer.exr").plate(layer: "beauty")
    #expect(plate.pixels == (try Fixture("plates/layer.exr").expected().pixels))
    #expect(plate.notes.contains { $0.contains("its layer beauty was read") })
    #expect(try Fixture("plates/parts.exr").plate().notes.contains { $0.contains("its layer plate was read") })
    let other = try Fixture("plates/parts.exr").plate(layer: "other")
    #expect(other.pixels.allSatisfy { $0 & 0x7FFF == 0 || $0 == 0x3C00 })
    #expect(other.notes.contains { $0.contains("its alpha is 0 everywhere") })
    do {
      _ = try Fixture("plates/parts.exr").plate(layer: "beauty")
      Issue.record("a layer that is not there was read")
    } catch {
      #expect("\(error)".contains("found the layers plate, other"), "\(error)")
    }
  }

  @Test func windowsAreTheFiles() throws {
    let overscan = try Fixture("plates/overscan.exr").plate()
    #expect(overscan.dataWindow == EXRWindow(minX: -4, minY: -3, maxX: 32, maxY: 25))
    #expect(overscan.displayWindow == EXRWindow(width: 10, height: 9))
    #expect(overscan.notes.contains { $0.contains("its data window, 37 × 29 from (-4, -3), was parsed") })
    #expect(try Fixture("plates/rgb.exr").plate().notes.isEmpty)
  }

  @Test func attributesAreKeptAsTheyAre() throws {
    let attributes = try Fixture("plates/attributes.exr").plate().attributes
    let names = Set(attributes.map { "\($0.name) \($0.type)" })
    let expected = [
      "FramesPerSecond rational", "timeCode timecode", "owner string", "reelName string", "isoSpeed float", "takes int",
      "worldToCamera m44f", "chromaticities chromaticities",
    ]
    #expect(names.isSuperset(of: expected), "\(names)")
    #expect(names.isDisjoint(with: ["channels chlist", "compression compression", "dataWindow box2i"]))
    #expect(attributes.first { $0.name == "owner" }?.value == Array("somebody".utf8))
  }
}

@Suite(.timeLimit(.minutes(10))) struct PlateViewTests {
  /// The display's value of a linear one: the blue of the scene has powers of two.
  private func gray(_ value: Float, _ view: PlateView) throws -> UInt8 {
    let plate = try Fixture("plates/rgb.exr").plate()
    let bits = Float16Bits.nearest(value)
    let place = try #require(plate.pixels.indices.first { $0 % 4 == 2 && plate.pixels[$0] == bits })
    return try plate.image(view).pixels[place / 4 * 3 + place % 4]
  }

  @Test func curvesAreThoseOfDisplays() throws {
    #expect(try gray(0.25, PlateView()) == 137)
    #expect(try gray(0.5, PlateView()) == 188)
    #expect(try gray(1, PlateView()) == 255)
    #expect(try gray(2, PlateView()) == 255)
    #expect(try gray(0.25, PlateView(exposure: 1)) == 188)
    #expect(try gray(2, PlateView(exposure: -2)) == 188)
    #expect(try gray(0.25, PlateView(curve: .rec709)) == 125)
    let filmic = try [0.25, 0.5, 1, 2].map { try gray($0, PlateView(curve: .filmic)) }
    #expect(filmic == filmic.sorted() && Set(filmic).count == 4 && filmic[2] < 255, "\(filmic)")
  }

  @Test func darkerThanBlackIsBlack() throws {
    let image = try Fixture("plates/rgb.exr").plate().image(PlateView())
    #expect(image.pixels[0] == 0)
  }

  @Test func transparentPixelsHaveStraightColors() throws {
    let plate = try Fixture("plates/half-zip.exr").plate()
    let (image, alpha) = (try plate.image(PlateView()), try #require(try plate.alpha()))
    let whole = try Fixture("plates/rgb.exr").plate()
    let middle = 14 * plate.width + 18
    #expect(alpha.pixels[middle] == 64 && alpha.pixels[0] == 255)
    // The scene is a quarter of itself there, in colors and alpha.
    let linear = try whole.image(PlateView(exposure: 2))
    for channel in 0..<3 {
      #expect(abs(Int(image.pixels[3 * middle + channel]) - Int(linear.pixels[3 * middle + channel])) <= 1)
    }
    #expect(try whole.alpha() == nil)
  }
}

/// Half-precision numbers of values that have one exactly.
enum Float16Bits {
  static func nearest(_ value: Float) -> UInt16 {
    UInt16(truncatingIfNeeded: (value.bitPattern >> 23 &- 112) << 10 | value.bitPattern >> 13 & 0x3FF)
  }
}
