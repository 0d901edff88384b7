import EXRFiles
import Foundation
import ImageCoding
import Testing

/// Primaries of plates.
@Suite(.timeLimit(.minutes(10))) struct ChromaticityTests {
  private static let p3 = EXRChromaticities(
    red: [0.680, 0.320], green: [0.265, 0.690], blue: [0.150, 0.060], white: [0.3127, 0.3290])
  /// AP1 of the ACES system (SMPTE ST 2065), with its white of about 6000 K.
  private static let ap1 = EXRChromaticities(
    red: [0.713, 0.293], green: [0.165, 0.830], blue: [0.128, 0.044], white: [0.32168, 0.33767])

  private static func attribute(_ values: [Float]) -> EXRAttribute {
    EXRAttribute(
      name: "chromaticities", type: "chromaticities",
      value: values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
  }

  private static func attribute(_ colors: EXRChromaticities) -> EXRAttribute {
    attribute(
      [colors.red, colors.green, colors.blue, colors.white].flatMap { color in [Float(color.x), Float(color.y)] })
  }

  /// Colors of the plate, in columns, half precision.
  private static func plate(_ colors: [SIMD4<Float>], _ attributes: [EXRAttribute]) throws -> EXRPlate {
    let samples = EXRSamples(halves: 4 * colors.count) { samples in
      for (pixel, color) in colors.enumerated() {
        for channel in 0..<4 { samples[4 * pixel + channel] = Float16(color[channel]).bitPattern }
      }
    }
    let window = EXRWindow(width: colors.count, height: 1)
    let image = EXRImage(
      dataWindow: window, displayWindow: window,
      channels: "RGBA".enumerated().map { EXRSampledChannel(String($1), samples, first: $0, stride: 4) },
      attributes: attributes)
    return try image.data().withUnsafeBytes { try EXRPlate($0, name: "plate.exr") }
  }

  @Test(
    arguments: [
      (p3, [1.2249, -0.0421, -0.0196, -0.2249, 1.0421, -0.0786, 0, 0, 1.0983]),
      (ap1, [1.7051, -0.1302, -0.0240, -0.6218, 1.1408, -0.1290, -0.0833, -0.0106, 1.1530]),
      (.rec709, [1, 0, 0, 0, 1, 0, 0, 0, 1]),
    ] as [(EXRChromaticities, [Double])])
  func matricesAreThoseOfOthers(_ primaries: EXRChromaticities, _ expected: [Double]) throws {
    let matrix = try #require(primaries.toRec709)
    let found = [matrix.columns.0, matrix.columns.1, matrix.columns.2].flatMap { [$0.x, $0.y, $0.z] }
    for (value, other) in zip(found, expected) { #expect(abs(value - other) < 6e-4, "\(found)") }
  }

  private static let colors: [SIMD4<Float>] = [
    [0.5, 0.5, 0.5, 1], [0.6, 0.2, 0.1, 1], [0.1, 0.4, 0.2, 1], [0.2, 0.1, 0.25, 0.5], [0, 1, 0, 1],
  ]

  /// The network sees the colors, and results keep the plate's values with the attribute that says what they are.
  @Test func theViewIsOfRec709AndThePlateStays() throws {
    let plate = try Self.plate(Self.colors, [Self.attribute(Self.p3)])
    let plain = try Self.plate(Self.colors, [])
    #expect(plate.pixels == plain.pixels && plate.attributes.contains(Self.attribute(Self.p3)))
    #expect(abs((plate.primaries?.green.y ?? 0) - 0.690) < 1e-6 && plate.notes.isEmpty)
    let (view, plainView) = (try plate.image(PlateView()), try plain.image(PlateView()))
    // Grays are grays.
    #expect(view.pixels[..<3] == plainView.pixels[..<3])
    #expect(view.pixels[3] > plainView.pixels[3] && view.pixels[4] < plainView.pixels[4])
    let matrix = try #require(Self.p3.toRec709)
    for (pixel, color) in Self.colors.enumerated() {
      let linear = matrix * (SIMD3(Double(color.x), Double(color.y), Double(color.z)) / Double(color.w))
      for channel in 0..<3 {
        let value = min(max(linear[channel], 0), 1)
        let shown = value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055
        #expect(abs(Double(view.pixels[3 * pixel + channel]) - shown * 255) <= 1)
      }
    }
  }

  @Test func platesBecomeRec709OnRequest() throws {
    let plate = try Self.plate(Self.colors, [Self.attribute(Self.p3)])
    let converted = plate.inRec709()
    #expect(!converted.attributes.contains { $0.name == "chromaticities" })
    let (view, other) = (try plate.image(PlateView()), try converted.image(PlateView()))
    for (value, same) in zip(view.pixels, other.pixels) { #expect(abs(Int(value) - Int(same)) <= 1) }
    // Colors that Rec. 709 does not have are negative there, and are kept.
    #expect(Float16(bitPattern: converted.pixels[16]) < 0)
    #expect(plain().inRec709().pixels == plain().pixels)
    func plain() -> EXRPlate { converted }
  }

  @Test(
    arguments: [
      [Float](repeating: 0, count: 8), [.nan, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329],
      [0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3127, 0.329], [0.64, 0, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329],
      [1e30, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329],
    ])
  func chromaticitiesThatNoColorsHaveAreIgnored(_ values: [Float]) throws {
    let plate = try Self.plate(Self.colors, [Self.attribute(values)])
    #expect(plate.primaries == nil && plate.notes.count == 1 && plate.notes[0].contains("chromaticities"))
    #expect(try plate.image(PlateView()) == Self.plate(Self.colors, []).image(PlateView()))
  }

  @Test func straightColorsAreNotMultiplied() throws {
    let plate = try Self.plate(Self.colors, [])
    let matte: [Float] = [1, 0.5, 0, 0.5, 1]
    func value(_ samples: EXRSamples, _ pixel: Int) throws -> [Float] {
      let window = EXRWindow(width: 5, height: 1)
      let image = EXRImage(
        dataWindow: window, displayWindow: window,
        channels: "RGBA".enumerated().map { EXRSampledChannel(String($1), samples, first: $0, stride: 4) })
      let read = try image.data().withUnsafeBytes { try EXRPlate($0, name: "layer.exr") }
      return (0..<4).map { Float(Float16(bitPattern: read.pixels[4 * pixel + $0])) }
    }
    let straight = EXRSamples.layer(of: plate, under: matte, isStraight: true)
    let multiplied = EXRSamples.layer(of: plate, under: matte)
    for (pixel, color) in Self.colors.enumerated() {
      for channel in 0..<3 {
        let own = color[channel] / color.w
        let expected = matte[pixel] > 0 ? own : 0
        #expect(abs(try value(straight, pixel)[channel] - expected) < 1e-3)
        #expect(abs(try value(multiplied, pixel)[channel] - color[channel] * matte[pixel]) < 1e-3)
      }
      #expect(abs(try value(straight, pixel)[3] - color.w * matte[pixel]) < 1e-3)
    }
  }
}
