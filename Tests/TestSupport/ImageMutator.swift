import TensorCore

/// Damages files in ways that repeat: the same seed, the same damage.
package struct ImageMutator: RandomNumberGenerator {
  private var numbers: SplitMix64

  package init(seed: UInt64) { numbers = SplitMix64(seed: seed) }

  package mutating func next() -> UInt64 { numbers.next() }

  /// The file with one to four pieces of it changed, cut, repeated or moved.
  package mutating func mutant(of file: [UInt8]) -> [UInt8] {
    var bytes = file
    for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &self)
      let length = min(Int.random(in: 1...12, using: &self), bytes.count - place)
      switch Int.random(in: 0..<7, using: &self) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &self)
      case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &self) ?? 0
      case 3: bytes.removeSubrange(place..<(place + length))
      case 4: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
      case 5: bytes.removeLast(bytes.count - place)
      default:
        for index in place..<(place + length) { bytes[index] = UInt8.random(in: 0...255, using: &self) }
      }
    }
    return bytes
  }
}

/// Gives every chunk of a PNG the checksum that its content asks for, so that a mutant gets past the first look.
package func withPNGChecksums(_ file: [UInt8]) -> [UInt8] {
  var bytes = file
  var position = 8
  while position + 12 <= bytes.count {
    let length = bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
    let end = position + 8 + length
    guard end + 4 <= bytes.count else { break }
    let checksum = crc32(bytes[(position + 4)..<end])
    for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
    position = end + 4
  }
  return bytes
}

private func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var remainder: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    remainder ^= UInt32(byte)
    for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 0 ? 0 : 0xEDB8_8320) }
  }
  return ~remainder
}
