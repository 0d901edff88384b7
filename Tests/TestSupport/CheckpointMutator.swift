import TensorCore

/// Damages files at random, the same way for the same seed.
package struct CheckpointMutator {
  private var numbers: SplitMix64

  package init(seed: UInt64) { numbers = SplitMix64(seed: seed) }

  /// The file after one to four changes: bits and bytes changed, numbers replaced by awkward ones, parts cut out,
  /// repeated or moved, the end cut off.
  package mutating func mutate(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0...random(below: 4) {
      guard !bytes.isEmpty else { return bytes }
      let place = random(below: bytes.count)
      switch random(below: 8) {
      case 0: bytes[place] ^= 1 << UInt8(random(below: 8))
      case 1: bytes[place] = UInt8(random(below: 256))
      case 2: overwrite(&bytes, at: place, with: awkwardNumber())
      case 3: bytes.removeSubrange(part(from: place, of: bytes))
      case 4: bytes.insert(contentsOf: bytes[part(from: place, of: bytes)], at: random(below: bytes.count))
      case 5: overwrite(&bytes, at: random(below: bytes.count), with: Array(bytes[part(from: place, of: bytes)]))
      case 6: bytes.insert(UInt8(random(below: 256)), at: place)
      default: if random(below: 4) == 0 { bytes.removeSubrange(place...) } else { bytes[place] &+= 1 }
      }
    }
    return bytes
  }

  /// A number from 0 to `bound` - 1.
  private mutating func random(below bound: Int) -> Int { Int(numbers.next() % UInt64(bound)) }

  private mutating func part(from start: Int, of bytes: [UInt8]) -> Range<Int> {
    start..<min(start + 1 + random(below: 24), bytes.count)
  }

  private mutating func awkwardNumber() -> [UInt8] {
    let numbers: [UInt64] = [
      0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 62, .max >> 1, .max,
    ]
    let bytes = littleEndianBytes(numbers[random(below: numbers.count)])
    return Array(bytes.prefix(1 << random(below: 4)))
  }

  private func overwrite(_ bytes: inout [UInt8], at place: Int, with patch: [UInt8]) {
    for (index, byte) in patch.enumerated() where place + index < bytes.count { bytes[place + index] = byte }
  }
}
