/// How matrix products round.
package enum Arithmetic: Sendable {
  /// As the processor is fastest: products and sums in one rounding where it has that, and fewer multiplications where
  /// an algorithm saves them.
  case fastest
  /// A multiplication, then an addition, in one order of summation: the same bits on every processor.
  case reproducible
}
