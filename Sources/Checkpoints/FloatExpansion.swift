/// Copies little-endian float32 at any alignment.
///
/// - Precondition: `bytes` holds `floats.count` elements; so for the other functions here.
func copyFloat32(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
  UnsafeMutableRawBufferPointer(floats).copyBytesOutOfLine(from: bytes)
}

/// Expands bfloat16, which is the upper half of a float32.
func expandBFloat16(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
  guard let source = bytes.baseAddress, let destination = floats.baseAddress else { return }
  for index in 0..<floats.count {
    let half = source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
    destination[index] = Float(bitPattern: UInt32(half) &<< 16)
  }
}

/// Expands float16, exactly.
///
/// In integers, because `Float(Float16)` is a call a number where the processor's F16C may not be assumed; this loop the
/// compiler turns into vector code for any instruction set.
func expandFloat16(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
  guard let source = bytes.baseAddress, let destination = floats.baseAddress else { return }
  for index in 0..<floats.count {
    let half = UInt32(source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
    let sign = (half & 0x8000) &<< 16
    // Exponent and fraction at the places that they have in a float32, whose exponent has a bias greater by 112.
    let magnitude = (half & 0x7fff) &<< 13
    let normal = magnitude >= 0x0f80_0000 ? magnitude | 0x7f80_0000 : magnitude &+ 0x3800_0000
    // Below the smallest normal, 2^-14: the fraction behind an exponent of -14, less the leading 1 thus gained.
    let subnormal = Float(bitPattern: magnitude &+ 0x3880_0000) - Float(bitPattern: 0x3880_0000)
    let bits = magnitude < 0x0080_0000 ? subnormal.bitPattern : normal
    destination[index] = Float(bitPattern: bits | sign)
  }
}
