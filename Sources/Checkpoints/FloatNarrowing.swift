/// Narrows fp32 to little-endian float16, rounded to nearest, ties to even; beyond ±65,519 becomes infinite.
///
/// In integers and without branches, for the same reason as `expandFloat16`.
///
/// - Precondition: `bytes` holds 2 bytes an element.
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
