import BenchmarkSupport
import Testing

/// Metrics of shots against cases that are counted by hand.
@Suite(.timeLimit(.minutes(10))) struct ShotMetricsTests {
  @Test func countsIntersectionsOverUnion() {
    var counts = ClassCounts(classes: 4)
    let truth: [UInt8] = [0, 0, 0, 1, 1, 2, 255]
    let found: [UInt8] = [0, 0, 1, 1, 3, 2, 1]
    for (first, second) in zip(truth, found) { counts.add(first, second) }
    #expect(counts.intersectionsOverUnion(inEither: false) == [2.0 / 3, 1.0 / 3, 1, nil])
    #expect(counts.mean(inEither: false) == 2.0 / 3)
    // The class that only the second map has counts with 0.
    #expect(counts.intersectionsOverUnion(inEither: true)[3] == 0)
    #expect(counts.mean(inEither: true) == 0.5)
    #expect(ClassCounts(classes: 2).mean(inEither: true) == 0)
  }

  @Test func mapsAreComparedAlongTheMotion() {
    // Three pixels move to the right by one; the last leaves.
    let places: [Int?] = [1, 2, nil]
    var still = TemporalConsistency(classes: 2)
    still.add([0, 1, 1], [1, 0, 1], places: places)
    #expect(still.value == 1)
    var flickering = TemporalConsistency(classes: 2)
    flickering.add([0, 1, 1], [1, 0, 0], places: places)
    // Class 0: one of two; class 1: none of one.
    #expect(flickering.value == 0.25)
  }

  @Test func flickerIsWhatDiffersFromTheTrueChange() {
    var flicker = MatteFlicker()
    flicker.add([0, 0.5, 1, 0], [0, 1, 1, 0], truth: ([0, 0.5, 1, 0], [0, 1, 1, 0]))
    #expect(flicker.value == 0)
    // The second pair has a mean square of 0.25, so 0 and 50 have a mean of 25.
    flicker.add([0, 0, 0, 0], [1, 0, 0, 0], truth: ([0, 0, 0, 0], [0, 0, 0, 0]))
    #expect(flicker.value == 25)
    #expect(MatteFlicker().value == 0)
  }

  @Test func anErrorThatMovesWithAPersonDoesNotFlickerAlongTheMotion() {
    // A person of one pixel moves to the right; the matte is always a pixel too wide.
    let (first, second): ([Float], [Float]) = ([1, 1, 0, 0], [0, 1, 1, 0])
    let truth: ([Float], [Float]) = ([1, 0, 0, 0], [0, 1, 0, 0])
    var still = MatteFlicker()
    still.add(first, second, truth: truth)
    #expect(still.value > 0)
    var moving = MovingFlicker()
    moving.add(first, second, truth: truth, places: [1, 2, 3, nil])
    #expect(moving.value == 0)
    // An edge that jumps flickers in both.
    var jumping = MovingFlicker()
    jumping.add(first, [0, 1, 0, 0], truth: truth, places: [1, 2, 3, nil])
    #expect(abs(jumping.value - 100 * (1.0 / 3).squareRoot()) < 1e-9)
    jumping.add(first, second, truth: truth, places: [nil, nil, nil, nil])
    #expect(jumping.value > 50)
  }

  @Test func switchesAreCountedWhereTheyAre() {
    var switches = IdentitySwitches()
    switches.add([1: 7, 2: 8], crossing: [], isCut: false)
    switches.add([1: 7, 2: nil], crossing: [], isCut: false)
    switches.add([1: 8, 2: 7], crossing: [1, 2], isCut: false)
    #expect((switches.count, switches.countAtCrossings, switches.countAcrossCuts) == (2, 2, 0))
    switches.add([1: 8, 2: nil], crossing: [], isCut: true)
    // The second is seen again after the cut only, with another number.
    switches.add([1: 9, 2: 6], crossing: [1], isCut: false)
    #expect((switches.count, switches.countAtCrossings, switches.countAcrossCuts) == (4, 3, 1))
    #expect((switches.seen, switches.present) == (8, 10))
  }
}
