import ImageCoding

/// Mattes by the names of what they show, in the channels of a file (Friedman and Jones, "Fully automatic ID mattes with
/// support for motion blur and transparency", SIGGRAPH 2015; Cryptomatte specification 1.2).
///
/// A pixel has the ids of what covers it most, and how much each of them covers: ranks, two in a layer of four channels.
package struct Cryptomatte: Sendable {
  /// Something that has a name, and how much of each pixel it covers, 0 to 1.
  package typealias Item = (name: String, coverage: [Float])

  /// Ranks of every file, two in a layer.
  package static let ranks = 6

  /// Name of the kind of matte, and of its layers: `CryptoPart00` and on.
  package let name: String
  /// All names with their ids; those of a frame, and others that other frames may have.
  private let manifest: [(name: String, id: UInt32)]
  /// Id and coverage of the ranks, axes (layers, pixels, 4).
  private let layers: [EXRSamples]

  /// - Parameters:
  ///   - name: Name of the kind of matte, such as `CryptoPart`.
  ///   - items: What the picture shows, with different names. Where items cover more than 1 together, their shares are
  ///     scaled to 1; what they leave is nobody's. Shares that 16 bits round to 0 are left out.
  ///   - others: Names for the manifest that other frames of a shot may have.
  ///   - pixelCount: Pixels of the picture.
  package init(_ name: String, _ items: [Item], others: [String] = [], pixelCount: Int) {
    self.name = name
    let names = items.map(\.name) + others
    var seen: Set<String> = []
    manifest = names.filter { seen.insert($0).inserted }.sorted().map { ($0, Self.id($0)) }
    var ids = [Float](repeating: 0, count: Self.ranks * pixelCount)
    var coverages = ids
    var sums = [Float](repeating: 0, count: pixelCount)
    for item in items {
      precondition(item.coverage.count == pixelCount)
      Self.add(item.coverage, id: Float(bitPattern: Self.id(item.name)), &ids, &coverages, &sums)
    }
    layers = (0..<Self.ranks / 2).map { layer in
      EXRSamples(floats: 4 * pixelCount) { samples in
        for pixel in 0..<pixelCount where sums[pixel] > 0 {
          let scale = 1 / max(sums[pixel], 1)
          for half in 0..<2 {
            let rank = Self.ranks * pixel + 2 * layer + half
            (samples[4 * pixel + 2 * half], samples[4 * pixel + 2 * half + 1]) = (ids[rank], coverages[rank] * scale)
          }
        }
      }
    }
  }

  /// Puts an item into the ranks of each pixel, which are sorted by falling coverage; the first of equals stays before.
  private static func add(
    _ coverage: [Float], id: Float, _ ids: inout [Float], _ coverages: inout [Float], _ sums: inout [Float]
  ) {
    for (pixel, share) in coverage.enumerated() where share >= EXRSamples.least {
      sums[pixel] += share
      let first = ranks * pixel
      var rank = ranks - 1
      guard share > coverages[first + rank] else { continue }
      while rank > 0, coverages[first + rank - 1] < share {
        (ids[first + rank], coverages[first + rank]) = (ids[first + rank - 1], coverages[first + rank - 1])
        rank -= 1
      }
      (ids[first + rank], coverages[first + rank]) = (id, share)
    }
  }

  /// Channels `CryptoPart00.R` and on.
  package var channels: [EXRSampledChannel] {
    layers.enumerated().flatMap { layer, samples in
      "RGBA".enumerated().map { index, channel in
        EXRSampledChannel("\(name)0\(layer).\(channel)", samples, first: index, stride: 4)
      }
    }
  }

  /// What readers need to know: the name, how names became ids, and all of them.
  package var attributes: [EXRAttribute] {
    let prefix = "cryptomatte/\(Self.hexadecimal(Self.id(name)).prefix(7))/"
    let pairs = manifest.map { "\(Self.quoted($0.name)):\"\(Self.hexadecimal($0.id))\"" }
    return [
      EXRAttribute(prefix + "name", name), EXRAttribute(prefix + "hash", "MurmurHash3_32"),
      EXRAttribute(prefix + "conversion", "uint32_to_float32"),
      EXRAttribute(prefix + "manifest", "{\(pairs.joined(separator: ","))}"),
    ]
  }

  /// A name as a JSON string.
  private static func quoted(_ name: String) -> String {
    let escaped = name.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20: "\\u00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16))"
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The id of a name: its hash, with a bit of the exponent flipped where it would be no normal number as a float.
  package static func id(_ name: String) -> UInt32 {
    let hash = murmurHash3(Array(name.utf8))
    let exponent = hash >> 23 & 0xFF
    return exponent == 0 || exponent == 255 ? hash ^ 1 << 23 : hash
  }

  /// MurmurHash3_x86_32 (Appleby), seed 0.
  package static func murmurHash3(_ bytes: [UInt8]) -> UInt32 {
    func rotated(_ value: UInt32, by bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
    func mixed(_ word: UInt32) -> UInt32 { rotated(word &* 0xCC9E_2D51, by: 15) &* 0x1B87_3593 }
    var hash: UInt32 = 0
    let blocks = bytes.count / 4
    for block in 0..<blocks {
      let word = (0..<4).reduce(0) { $0 | UInt32(bytes[4 * block + $1]) << UInt32(8 * $1) }
      hash = rotated(hash ^ mixed(word), by: 13) &* 5 &+ 0xE654_6B64
    }
    let tail = bytes[(4 * blocks)...].enumerated().reduce(0) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) }
    if bytes.count % 4 > 0 { hash ^= mixed(tail) }
    hash ^= UInt32(truncatingIfNeeded: bytes.count)
    hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
    hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
    return hash ^ hash >> 16
  }
}
