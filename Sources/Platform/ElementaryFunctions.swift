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
  package static func exp(_ x: Float) -> Float { expf(x) }
  package static func exp2(_ x: Float) -> Float { exp2f(x) }
  package static func log(_ x: Float) -> Float { logf(x) }
  package static func pow(_ x: Float, _ y: Float) -> Float { powf(x, y) }
  package static func sin(_ x: Float) -> Float { sinf(x) }
}

extension Double {
  package static func exp(_ x: Double) -> Double { cExp(x) }
  package static func log10(_ x: Double) -> Double { cLog10(x) }
  package static func pow(_ x: Double, _ y: Double) -> Double { cPow(x, y) }
  package static func sin(_ x: Double) -> Double { cSin(x) }
  package static func cos(_ x: Double) -> Double { cCos(x) }
}

// In the extension the members of these names would hide the C library's functions.
private func cExp(_ x: Double) -> Double { exp(x) }
private func cLog10(_ x: Double) -> Double { log10(x) }
private func cPow(_ x: Double, _ y: Double) -> Double { pow(x, y) }
private func cSin(_ x: Double) -> Double { sin(x) }
private func cCos(_ x: Double) -> Double { cos(x) }
