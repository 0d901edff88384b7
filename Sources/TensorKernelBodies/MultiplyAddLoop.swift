/// Multiplies and adds in registers and does nothing else: what an instruction set reaches at best.
public enum MultiplyAddLoop {
  /// Vectors in a round, each waiting only for itself: as many as keep two units busy through the latency of an
  /// addition behind a multiplication, and as fit the sixteen registers of the smaller instruction sets.
  public static let chains = 12

  /// - Returns: A value that depends on all the work, so that none of it is left out.
  @inlinable @inline(__always)
  public static func run<Instructions: VectorInstructions>(rounds: Int, _: Instructions.Type) -> Float {
    typealias Vector = Instructions.Vector
    let factor = Vector(repeating: 0.75)
    let addend = Vector(repeating: 0.25)
    var (a, b, c) = (Vector(repeating: 1), Vector(repeating: 2), Vector(repeating: 3))
    var (d, e, f) = (Vector(repeating: 4), Vector(repeating: 5), Vector(repeating: 6))
    var (g, h, i) = (Vector(repeating: 7), Vector(repeating: 8), Vector(repeating: 9))
    var (j, k, l) = (Vector(repeating: 10), Vector(repeating: 11), Vector(repeating: 12))
    for _ in 0..<rounds {
      a = addend.adding(a, times: factor, Instructions.self)
      b = addend.adding(b, times: factor, Instructions.self)
      c = addend.adding(c, times: factor, Instructions.self)
      d = addend.adding(d, times: factor, Instructions.self)
      e = addend.adding(e, times: factor, Instructions.self)
      f = addend.adding(f, times: factor, Instructions.self)
      g = addend.adding(g, times: factor, Instructions.self)
      h = addend.adding(h, times: factor, Instructions.self)
      i = addend.adding(i, times: factor, Instructions.self)
      j = addend.adding(j, times: factor, Instructions.self)
      k = addend.adding(k, times: factor, Instructions.self)
      l = addend.adding(l, times: factor, Instructions.self)
    }
    return (a + b + c + d + e + f + g + h + i + j + k + l)[0]
  }
}
