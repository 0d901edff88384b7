import EXRFiles
import Foundation
import ImageCoding
import TestSupport
import Testing

/// Damaged plates are refused in a sentence, or read; nothing else happens. Also run under the address sanitizer.
@Suite(.timeLimit(.minutes(10))) struct DamagedPlateTests {
  @Test(arguments: 0..<4)
  func areRefusedOrRead(_ seed: UInt64) throws {
    let files = try Fixture.plates(in: "plates").map { try $0.bytes }
    var limits = ImageLimits.default
    limits.maximumPixels = 1 << 20
    var mutator = ImageMutator(seed: seed)
    var read = 0
    for round in 0..<500 {
      let original = files[round % files.count]
      // Every other time only the header is damaged, where damage matters most.
      let head = round.isMultiple(of: 2) ? original.count : min(400, original.count)
      let bytes = mutator.mutant(of: Array(original[..<head])) + original[head...]
      do {
        let plate = try bytes.withUnsafeBytes { try EXRPlate($0, name: "damaged", limits: limits) }
        #expect(plate.pixels.count == 4 * plate.width * plate.height)
        _ = (try plate.image(PlateView()), try plate.alpha())
        read += 1
      } catch let error as ImageCodingError {
        #expect(error.message.hasPrefix("damaged: ") && !error.message.contains("\n"), "\(error.message)")
      }
    }
    #expect(read > 0 && read < 500)
  }

  /// What plates say is written again, whatever it is.
  @Test func attributesAreWrittenOrRefused() throws {
    let original = try Fixture("plates/attributes.exr").bytes
    let samples = EXRSamples(halves: 4) { _ in }
    var mutator = ImageMutator(seed: 11)
    for _ in 0..<500 {
      let bytes = mutator.mutant(of: Array(original.prefix(700))) + original.dropFirst(700)
      guard let part = try? bytes.withUnsafeBytes({ try EXRHeader($0, name: "damaged") }).parts.first else { continue }
      let image = EXRImage(
        dataWindow: EXRWindow(width: 2, height: 2), displayWindow: EXRWindow(width: 2, height: 2),
        channels: [EXRSampledChannel("Y", samples)], attributes: EXRPlate.carried(part.attributes))
      do {
        let data = try image.data()
        _ = try data.withUnsafeBytes { try EXRPlate($0, name: "again") }
      } catch {
        Issue.record("\(error)")
      }
    }
  }
}
