package import ImageCoding

/// Gives the people of a shot their numbers, which they keep.
///
/// A person gets a number once they are seen in three of their first five frames, and has it from the first of these on:
/// so frames that show somebody new wait for at most four others. Numbers begin with 1, in the order of the first frames
/// and, in one frame, of the scores; none is used twice.
package struct ShotTracker<Frame: Sendable>: Sendable {
  /// A frame whose people have their numbers.
  package struct Numbered: Sendable {
    package var frame: Frame
    package var tracking: Tracking
    /// State after this frame.
    package var state: ShotState
  }

  /// A frame that may have to wait.
  private struct Pending {
    var frame: Frame
    var isCut: Bool
    /// `nil` for a frame of which nothing is known.
    var update: PersonTracker.Update?
    /// State after this frame, apart from numbers.
    var state: ShotState

    /// The tracks of the frame's people.
    var ids: [Int] { (update?.ids ?? []).compactMap(\.self) }
  }

  /// State after the last frame that was added.
  private var state: ShotState
  /// State after the last frame that was returned.
  private var returned: ShotState
  private var pending: [Pending] = []
  /// Tracks that were confirmed as people and appear in a frame that waits.
  private var confirmed: Set<Int> = []

  package init(_ state: ShotState) { (self.state, returned) = (state, state) }

  /// Frames that wait.
  package var waiting: Int { pending.count }

  /// Takes the next frame.
  ///
  /// - Parameters:
  ///   - frame: Whatever belongs to the frame, such as the parsing; it is returned with the numbers.
  ///   - image: The picture.
  ///   - parsing: What was found in it.
  ///   - number: Number of the frame, larger than those before.
  /// - Returns: Frames whose people have their numbers by now, in order.
  package mutating func add(
    _ frame: Frame, image: RGBImage, parsing: Parsing, number: Int
  ) -> [Numbered] {
    add(frame, FrameSighting(parsing, of: image), number: number)
  }

  /// Takes the next frame, of which this is known.
  package mutating func add(_ frame: Frame, _ sighting: FrameSighting, number: Int) -> [Numbered] {
    let isCut = state.cuts.isCut(sighting.impression)
    let update = state.tracker.update(sighting.people.map(\.observation), frame: number, isCut: isCut)
    pending.append(Pending(frame: frame, isCut: isCut, update: update, state: state))
    for track in state.tracker.tracks where track.isConfirmed { confirmed.insert(track.id) }
    return decided()
  }

  /// The frames at the front of which everybody is known to be a person or not.
  private mutating func decided() -> [Numbered] {
    let alive = Set(state.tracker.tracks.map(\.id))
    let isDecided = { [confirmed] (id: Int) in confirmed.contains(id) || !alive.contains(id) }
    var ready: [Numbered] = []
    while let first = pending.first, first.ids.allSatisfy(isDecided) {
      pending.removeFirst()
      ready.append(numbered(first, isPerson: confirmed.contains))
    }
    confirmed.formIntersection(pending.flatMap(\.ids))
    return ready
  }

  /// Takes a frame of which nothing is known, because it cannot be read: it waits for its turn, and tracking goes on as if
  /// it were not there.
  package mutating func add(unknown frame: Frame) -> [Numbered] {
    pending.append(Pending(frame: frame, isCut: false, update: nil, state: state))
    return decided()
  }

  /// Has the next frame stand alone: it is not compared with the last one for cuts.
  package mutating func noteGap() { state.cuts.reset() }

  /// The frames that still wait, when no frame follows. Who appeared in the last frames is a person if they are seen in
  /// as large a share of these as is asked of others.
  package mutating func finish() -> [Numbered] {
    state.tracker.confirmEarly()
    for track in state.tracker.tracks where track.isConfirmed { confirmed.insert(track.id) }
    let (waiting, isPerson) = (pending, confirmed.contains)
    var ready: [Numbered] = []
    for frame in waiting { ready.append(numbered(frame, isPerson: isPerson)) }
    pending = []
    return ready
  }

  private mutating func numbered(_ pending: Pending, isPerson: (Int) -> Bool) -> Numbered {
    var after = pending.state
    (after.numbers, after.peopleCount, after.present) = (returned.numbers, returned.peopleCount, [])
    var tracking = Tracking(isCut: pending.isCut)
    guard let update = pending.update else {
      after.present = returned.present
      returned = after
      return Numbered(frame: pending.frame, tracking: tracking, state: after)
    }
    for id in update.ids {
      guard let id, isPerson(id) else {
        tracking.numbers.append(nil)
        continue
      }
      let known = after.numbers[id]
      let number = known ?? after.peopleCount + 1
      if known == nil {
        after.numbers[id] = number
        after.peopleCount = number
        tracking.appearing.append(number)
      } else if !returned.present.contains(number) {
        tracking.returning.append(number)
      }
      if update.uncertain.contains(id) { tracking.uncertain.append(number) }
      tracking.numbers.append(number)
      after.present.insert(number)
    }
    tracking.leaving = returned.present.subtracting(after.present).sorted()
    // Tracks that ended keep their number for the frames that wait and show them.
    let needed = Set(pending.state.tracker.tracks.map(\.id)).union(self.pending.flatMap(\.ids))
    after.numbers = after.numbers.filter { needed.contains($0.key) }
    returned = after
    return Numbered(frame: pending.frame, tracking: tracking, state: after)
  }
}

/// Who is who in a frame, and what is to be looked at.
package struct Tracking: Sendable, Hashable {
  /// Number of each of the parsing's people; `nil` for those who are not seen often enough to be people.
  package var numbers: [Int?] = []
  /// Whether the frame begins a shot.
  package var isCut = false
  /// Numbers of the people who appear for the first time, …
  package var appearing: [Int] = []
  /// … who are back, …
  package var returning: [Int] = []
  /// … who were in the frame before and are not in this one, …
  package var leaving: [Int] = []
  /// … and who might be another person of the frame.
  package var uncertain: [Int] = []

  package init(isCut: Bool = false) { self.isCut = isCut }
}

/// All that is remembered of the frames so far; with it, tracking goes on in another process.
package struct ShotState: Sendable, Codable {
  var tracker: PersonTracker
  var cuts = CutDetector()
  /// Numbers of the tracks that live.
  var numbers: [Int: Int] = [:]
  /// People who have a number.
  package fileprivate(set) var peopleCount = 0
  /// Numbers of the people in the last frame.
  var present: Set<Int> = []

  /// - Parameter memory: Frames for which somebody who is not seen is remembered.
  package init(memory: Int) { tracker = PersonTracker(memory: memory) }
}
