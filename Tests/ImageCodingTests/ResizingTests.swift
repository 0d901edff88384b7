import Foundation
import ImageCoding
import TensorCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ResizingTests {
  private let pools = [WorkerPool(threads: 1), WorkerPool(threads: 3)]

  private func noise(_ width: Int, _ height: Int) throws -> RGBImage {
    var generator = ImageMutator(seed: UInt64(width * 10_000 + height))
    let values = (0..<(3 * width * height)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return try RGBImage(width: width, height: height, pixels: values)
  }

  /// `make_fixtures.py` names a result after both sizes: `31x33-7x33.ppm`.
  private static let results: [String] = {
    let folder = Fixture("resize").url
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.contains("-") }.sorted()
  }()

  @Test(arguments: results)
  func givesTheBytesOfPillow(_ name: String) throws {
    let expected = try RGBImage(ppm: Fixture("resize/\(name)").url)
    let source = try RGBImage(ppm: Fixture("resize/\(name.prefix { $0 != "-" }).ppm").url)
    for pool in pools {
      expectSame(source.resized(width: expected.width, height: expected.height, pool: pool), expected)
    }
  }

  /// Every instruction set that this processor has, over widths that straddle a vector's.
  @Test(
    arguments: [(40, 30), (131, 97), (300, 41), (1920, 100)],
    [(22, 17), (23, 50), (64, 31), (97, 96), (210, 160), (1138, 59)])
  func everyInstructionSetGivesTheSameBytes(_ from: (Int, Int), _ to: (Int, Int)) throws {
    let image = try noise(from.0, from.1)
    for pool in pools {
      let expected = image.resized(width: to.0, height: to.1, pool: pool, kernels: nil)
      for kernels in ResampleKernels.available {
        let resized = image.resized(width: to.0, height: to.1, pool: pool, kernels: kernels)
        #expect(resized == expected, "groups of \(kernels.groupSize) pixels")
      }
    }
  }

  @Test func fixturesAreThere() { #expect(Self.results.count == 27) }

  static let sizes = [(1, 1), (1, 2), (2, 1), (3, 5), (7, 4), (8, 8), (9, 17), (31, 33), (64, 1), (1, 64), (40, 90)]

  @Test(arguments: sizes, sizes + [(33, 31), (16, 100), (100, 16)])
  func agreesWithItsScalarTwin(_ from: (Int, Int), _ to: (Int, Int)) throws {
    let image = try noise(from.0, from.1)
    let expected = resampledReference(image.pixels, width: from.0, height: from.1, to: (to.0, to.1))
    for pool in pools {
      let resized = image.resized(width: to.0, height: to.1, pool: pool)
      #expect(resized.width == to.0 && resized.height == to.1 && resized.pixels == expected)
    }
  }

  @Test(arguments: [(1, 5000), (5000, 1)])
  func shrinksAndEnlargesLines(_ size: (Int, Int)) throws {
    let image = try noise(size.0, size.1)
    for target in [(1, 1), (3, 700), (700, 3), (size.1, size.0)] {
      let expected = resampledReference(image.pixels, width: size.0, height: size.1, to: (target.0, target.1))
      #expect(image.resized(width: target.0, height: target.1, pool: pools[1]).pixels == expected)
    }
  }

  @Test(arguments: [UInt8(0), 1, 127, 255])
  func keepsAPlainColor(_ value: UInt8) throws {
    let image = try RGBImage(width: 61, height: 47, filledWith: (value, 255 - value, value / 2))
    for (width, height) in [(7, 5), (200, 90), (61, 20)] {
      let expected = try RGBImage(width: width, height: height, filledWith: (value, 255 - value, value / 2))
      expectSame(image.resized(width: width, height: height, pool: pools[1]), expected)
    }
  }
}
