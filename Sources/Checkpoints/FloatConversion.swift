/// Copies little-endian fp32 at any alignment.
///
/// - Precondition: `bytes` holds `floats.count` elements, as for the other functions here.
func copyFloat32(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
  UnsafeMutableRawBufferPointer(floats).copyBytesOutOfLine(from: bytes)
}

/// Rounds float64 to nearest; beyond the range of fp32 it becomes infinite.
func roundFloat64(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
  guard let source = bytes.baseAddress, let destination = floats.baseAddress else { return }
  for index in 0..<floats.count {
    let bits = source.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
    destination[index] = Float(Double(bitPattern: bits))
  }
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
/// It uses integers, because without F16C `Float(Float16)` is a function call per element; the compiler vectorizes this
/// loop for any instruction set.
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

/// Narrows fp32 to little-endian float16, rounded to nearest, ties to even; beyond ±65,519 becomes infinite.
///
/// It uses integers without branches, for the same reason as `expandFloat16`.
///
/// - Precondition: `bytes` holds 2 bytes per element.
package func narrowToFloat16(_ floats: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer) {
  guard let source = floats.baseAddress, let destination = bytes.baseAddress else { return }
  assert(bytes.count == floats.count * 2)
  for index in 0..<floats.count {
    let bits = source[index].bitPattern
    let sign = (bits &>> 16) & 0x8000
    let magnitude = bits & 0x7fff_ffff
    // Exponent less 112, and half a unit of the last place, a bit less where that place is even.
    let rounded = (magnitude &- 0x3800_0000 &+ 0x0fff &+ ((magnitude &>> 13) & 1)) &>> 13
    // Below 2^-14: adding 0.5 leaves the fraction, in units of 2^-24, in the lowest bits, rounded by the addition.
    let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000
    let finite = magnitude < 0x3880_0000 ? subnormal : rounded
    let infinite: UInt32 = magnitude > 0x7f80_0000 ? 0x7e00 : 0x7c00
    let half = magnitude >= 0x477f_f000 ? infinite : finite
    destination.storeBytes(of: UInt16(truncatingIfNeeded: half | sign), toByteOffset: index &* 2, as: UInt16.self)
  }
}
