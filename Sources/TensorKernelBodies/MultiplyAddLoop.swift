/// Multiplies and adds in registers and does nothing else: what an instruction set reaches at best.
public enum MultiplyAddLoop {
  /// Vectors in a round, each waiting only for itself: as many as keep two units busy through the latency of an
  /// addition behind a multiplication, and as fit the sixteen registers of the smaller instruction sets.
  public static let chains = 12

  /// - Returns: A value that depends on all the work, so that none of it is left out.
  @inlinable @inline(__always)
  public static func run<Vector: FloatVector>(rounds: Int, as: Vector.Type, fused: Bool) -> Float {
    let factor = Vector(repeating: 0.75)
    let addend = Vector(repeating: 0.25)
    var (a, b, c) = (Vector(repeating: 1), Vector(repeating: 2), Vector(repeating: 3))
    var (d, e, f) = (Vector(repeating: 4), Vector(repeating: 5), Vector(repeating: 6))
    var (g, h, i) = (Vector(repeating: 7), Vector(repeating: 8), Vector(repeating: 9))
    var (j, k, l) = (Vector(repeating: 10), Vector(repeating: 11), Vector(repeating: 12))
    for _ in 0..<rounds {
      a = addend.adding(a, times: factor, fused: fused)
      b = addend.adding(b, times: factor, fused: fused)
      c = addend.adding(c, times: factor, fused: fused)
      d = addend.adding(d, times: factor, fused: fused)
      e = addend.adding(e, times: factor, fused: fused)
      f = addend.adding(f, times: factor, fused: fused)
      g = addend.adding(g, times: factor, fused: fused)
      h = addend.adding(h, times: factor, fused: fused)
      i = addend.adding(i, times: factor, fused: fused)
      j = addend.adding(j, times: factor, fused: fused)
      k = addend.adding(k, times: factor, fused: fused)
      l = addend.adding(l, times: factor, fused: fused)
    }
    return (a + b + c + d + e + f + g + h + i + j + k + l)[0]
  }
}
