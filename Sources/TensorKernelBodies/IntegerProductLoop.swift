/// Multiplies bytes and adds in registers and does nothing else: what an instruction set reaches at best in a product of
/// bytes.
public enum IntegerProductLoop {
  /// Vectors of sums in a round, each waiting only for itself: as many as keep two units busy through the latency of
  /// VNNI's instruction, and leave it registers for as many weights.
  public static let chains = 12

  /// Activations are others in every round, which costs what it costs to spread four of them over a vector. Weights stay,
  /// so that what an instruction set has to do to them first is done once, as for a tile of very many rows.
  ///
  /// - Returns: A value that depends on all the work, so that none of it is left out.
  @inlinable @inline(__always)
  public static func run<Instructions: IntegerInstructions>(rounds: Int, _: Instructions.Type) -> Int32 {
    typealias Sums = Instructions.Sums
    // From a number that the compiler does not know.
    let first = Int32(truncatingIfNeeded: rounds) | 0x0102_0304
    func weights(_ chain: Int32) -> Sums { Sums(repeating: first &* (2 &* chain &+ 1)) }
    let (m, n, o, p, q, r) = (weights(0), weights(1), weights(2), weights(3), weights(4), weights(5))
    let (s, t, u, v, w, x) = (weights(6), weights(7), weights(8), weights(9), weights(10), weights(11))
    var (a, b, c, d, e, f) = (m, n, o, p, q, r)
    var (g, h, i, j, k, l) = (s, t, u, v, w, x)
    var activations = first
    for _ in 0..<rounds {
      a = Instructions.adding(a, activations, times: m)
      b = Instructions.adding(b, activations, times: n)
      c = Instructions.adding(c, activations, times: o)
      d = Instructions.adding(d, activations, times: p)
      e = Instructions.adding(e, activations, times: q)
      f = Instructions.adding(f, activations, times: r)
      g = Instructions.adding(g, activations, times: s)
      h = Instructions.adding(h, activations, times: t)
      i = Instructions.adding(i, activations, times: u)
      j = Instructions.adding(j, activations, times: v)
      k = Instructions.adding(k, activations, times: w)
      l = Instructions.adding(l, activations, times: x)
      activations = activations &+ 0x0103_0507
    }
    return (a &+ b &+ c &+ d &+ e &+ f &+ g &+ h &+ i &+ j &+ k &+ l)[0]
  }
}
