import TensorCore

/// Random numbers that are the same on every run and machine.
package struct SeededGenerator: RandomNumberGenerator {
  private var numbers: SplitMix64

  package init(_ seed: Int) { numbers = SplitMix64(seed: UInt64(truncatingIfNeeded: seed)) }

  package mutating func next() -> UInt64 { numbers.next() }

  /// `count` floats, evenly spread over the range.
  package mutating func floats(_ count: Int, in range: ClosedRange<Float> = -1...1) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &self) }
  }

  /// `count` truth values, true with the given probability.
  package mutating func bools(_ count: Int, probability: Double = 0.5) -> [Bool] {
    (0..<count).map { _ in Double.random(in: 0..<1, using: &self) < probability }
  }
}
