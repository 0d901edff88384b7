#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

// Elementary functions that the standard library lacks, by the C library, under the names that swift-numerics gives them.
// C libraries round differently: results may differ by a unit in the last place from one system to another.

extension Float {
  package static func exp(_ x: Float) -> Float { cExp(x) }
  package static func exp2(_ x: Float) -> Float { cExp2(x) }
  package static func log(_ x: Float) -> Float { cLog(x) }
  package static func pow(_ x: Float, _ y: Float) -> Float { cPow(x, y) }
  package static func sin(_ x: Float) -> Float { cSin(x) }
}

extension Double {
  package static func log10(_ x: Double) -> Double { cLog10(x) }
}

// In the extensions the members of these names would hide the C library's functions.
private func cExp(_ x: Float) -> Float { exp(x) }
private func cExp2(_ x: Float) -> Float { exp2(x) }
private func cLog(_ x: Float) -> Float { log(x) }
private func cPow(_ x: Float, _ y: Float) -> Float { pow(x, y) }
private func cSin(_ x: Float) -> Float { sin(x) }
private func cLog10(_ x: Double) -> Double { log10(x) }
