import TensorCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct ArenaTests {
  /// A tensor that can be kept in a collection and given back at any time.
  private final class Held {
    let tensor: Tensor<Float>
    let mark: Float

    init(_ arena: Arena, count: Int, mark: Float) {
      tensor = arena.tensor(height: 1, width: 1, channels: count)
      self.mark = mark
      forEachProbe { tensor.elements[$0] = mark }
    }

    var isIntact: Bool {
      var isIntact = true
      forEachProbe { isIntact = isIntact && tensor.elements[$0] == mark }
      return isIntact
    }

    /// Both ends of the block, and enough between them that no other block hides there.
    private func forEachProbe(_ body: (Int) -> Void) {
      for index in stride(from: 0, to: tensor.count, by: 16) { body(index) }
      if tensor.count > 0 { body(tensor.count - 1) }
    }

    var address: Int { Int(bitPattern: tensor.elements.baseAddress) }
  }

  /// A pass that takes and gives back blocks of all sizes at random; returns how many it found damaged or unaligned.
  private func runPass(_ arena: Arena, seed: Int, steps: Int = 400, largest: Int) -> Int {
    var random = SeededGenerator(seed)
    var held: [Held] = []
    var damaged = 0
    for step in 0..<steps {
      if held.isEmpty || Bool.random(using: &random) {
        held.append(Held(arena, count: Int.random(in: 0...largest, using: &random), mark: Float(step)))
        damaged += held[held.count - 1].address % 64 == 0 ? 0 : 1
      } else {
        let given = held.remove(at: Int.random(in: held.indices, using: &random))
        damaged += given.isIntact ? 0 : 1
      }
    }
    return damaged + held.filter { !$0.isIntact }.count
  }

  @Test(arguments: 0..<8) func neverLendsTheSameMemoryTwice(_ seed: Int) {
    #expect(runPass(Arena(), seed: seed, largest: 5000) == 0)
  }

  @Test(arguments: 0..<8) func allocatesNothingInASecondPass(_ seed: Int) {
    let arena = Arena()
    #expect(runPass(arena, seed: seed, largest: 300_000) == 0)
    #expect(arena.growths > 1)
    arena.consolidate()
    let (growths, bytes) = (arena.growths, arena.byteCount)
    for _ in 0..<2 {
      #expect(runPass(arena, seed: seed, largest: 300_000) == 0)
      arena.consolidate()
    }
    #expect(arena.growths == growths)
    #expect(arena.byteCount == bytes)
  }

  @Test func servesSeveralSizesOfPasses() {
    let arena = Arena()
    let passes = [(1, 300_000), (2, 900_000), (3, 2_000)]
    for (seed, largest) in passes { #expect(runPass(arena, seed: seed, largest: largest) == 0) }
    arena.consolidate()
    let growths = arena.growths
    for (seed, largest) in passes { #expect(runPass(arena, seed: seed, largest: largest) == 0) }
    #expect(arena.growths == growths)
  }

  @Test func consolidatesToWhatAPassNeeds() {
    let arena = Arena()
    // Two slabs, which go when a third one is needed.
    for _ in 0..<2 {
      do {
        let first = Held(arena, count: 1 << 21, mark: 1)
        let second = Held(arena, count: 1 << 20, mark: 2)
        #expect(first.isIntact && second.isIntact)
      }
      do {
        let third = Held(arena, count: 3 << 20, mark: 3)
        #expect(third.isIntact)
      }
      #expect(arena.highWater == (3 << 20) * 4)
      #expect(arena.byteCount == (3 << 20) * 4)
      arena.consolidate()
      #expect(arena.byteCount == (3 << 20) * 4)
      #expect(arena.growths == 3)
    }
  }

  @Test func countsWhatIsLent() {
    let arena = Arena()
    #expect(arena.byteCount == 0 && arena.growths == 0 && arena.highWater == 0)
    do {
      let one = arena.matrix(rows: 3, columns: 5)
      #expect(one.count == 15 && arena.highWater == 64)
      let two = arena.tensor(height: 0, width: 4, channels: 4)
      #expect(two.count == 0 && arena.highWater == 128)
    }
    let three = arena.tensor(height: 2, width: 4, channels: 4)
    #expect(three.count == 32 && arena.highWater == 128 && arena.growths == 1)
  }
}
