import ImageCoding
import TestSupport
import Testing

/// Decodes changed copies of a fixture: each must be read or refused by an `ImageCodingError`, and some must be refused. The
/// changes are the same in every run. Half of a PNG's copies have sound checksums, so that they get past the first look.
func expectMutantsReadOrRefused(of file: String, count: Int, seed: UInt64) throws {
  let bytes = try Fixture(file).bytes
  var mutator = ImageMutator(seed: seed)
  var limits = ImageLimits()
  limits.maximumPixels = 200_000
  var refused = 0
  for round in 0..<count {
    var mutant = mutator.mutant(of: bytes)
    if round % 2 == 0, file.hasSuffix("png") { mutant = withPNGChecksums(mutant) }
    do {
      let decoded = try ImageDecoder.decode(bytes: mutant, limits: limits, colors: .srgb)
      #expect(decoded.image.pixels.count == 3 * decoded.image.width * decoded.image.height)
    } catch is ImageCodingError {
      refused += 1
    }
  }
  #expect(refused > 0)
}
