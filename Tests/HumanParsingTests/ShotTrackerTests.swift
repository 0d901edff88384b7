import Foundation
import HumanParsing
import Testing

@Suite(.timeLimit(.minutes(10))) struct ShotTrackerTests {
  typealias Actor = ShotScene.Actor

  @Test func peopleWhoPassEachOtherKeepTheirNumbers() throws {
    let scenes = (0..<27).map { time in
      // Which of them is more certain changes, and with it the order in which they are found.
      ShotScene(actors: [
        Actor(identity: 0, x: 2 * time, certainty: time % 2 == 0 ? 8 : 6),
        Actor(identity: 1, x: 52 - 2 * time, y: 10, certainty: time % 3 == 0 ? 9 : 7),
      ])
    }
    let frames = try track(scenes)
    #expect(frames.count == scenes.count)
    for (time, frame) in frames.enumerated() where abs(time - 13) > 2 { #expect(frame.numbers == [0: 2, 1: 1]) }
    #expect(frames.map(\.tracking.appearing) == [[1, 2]] + Array(repeating: [], count: 26))
  }

  @Test func framesThatShowSomebodyNewWait() throws {
    var tracker = ShotTracker<ParsedScene>(ShotState(memory: 48))
    let one = ShotScene(actors: [Actor(identity: 0, x: 3)])
    let two = ShotScene(actors: [Actor(identity: 0, x: 3), Actor(identity: 1, x: 40)])
    #expect(try tracker.add(one, number: 0).isEmpty)
    #expect(try tracker.add(one, number: 1).isEmpty)
    #expect(try tracker.add(one, number: 2).map(\.numbers) == [[0: 1], [0: 1], [0: 1]])
    #expect(try tracker.add(one, number: 3).count == 1)
    #expect(try tracker.add(two, number: 4).isEmpty)
    #expect(try tracker.add(one, number: 5).isEmpty)
    #expect(try tracker.add(two, number: 6).isEmpty)
    #expect(tracker.waiting == 3)
    #expect(try tracker.add(two, number: 7).map(\.numbers) == [[0: 1, 1: 2], [0: 1], [0: 1, 1: 2], [0: 1, 1: 2]])
  }

  @Test func whoIsSeenSeldomHasNoNumber() throws {
    let one = ShotScene(actors: [Actor(identity: 0, x: 3)])
    let ghost = ShotScene(actors: one.actors + [Actor(identity: 1, x: 40)])
    let late = ShotScene(actors: one.actors + [Actor(identity: 2, x: 40, y: 2)])
    let frames = try track([one, one, one, ghost, one, one, ghost, one, one, one, late, late, late])
    #expect(frames.map { $0.numbers.count } == [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2])
    // The ghost has used up no number.
    #expect(frames.last?.numbers == [0: 1, 2: 2])
  }

  @Test func whoComesBackHasTheirNumberAgain() throws {
    let both = ShotScene(actors: [Actor(identity: 0, x: 3), Actor(identity: 1, x: 40, certainty: 7)])
    let one = ShotScene(actors: [Actor(identity: 0, x: 3)])
    let back = ShotScene(actors: [Actor(identity: 0, x: 3), Actor(identity: 1, x: 20, y: 4, width: 8)])
    let away = Array(repeating: one, count: 30)
    let frames = try track([both, both, both] + away + [back, back])
    #expect(frames.last?.numbers == [0: 1, 1: 2])
    #expect(frames[3].tracking.leaving == [2])
    #expect(frames[33].tracking.returning == [2])
    // Who is away for too long is somebody else, and the number is not used again.
    let forgotten = try track([both, both, both] + away + [back, back, back], memory: 20)
    #expect(forgotten.last?.numbers == [0: 1, 1: 3])
  }

  @Test func aStrangerDoesNotGetTheNumberOfWhoLeft() throws {
    let one = ShotScene(actors: [Actor(identity: 0, x: 3)])
    let nobody = ShotScene(actors: [])
    let other = ShotScene(actors: [Actor(identity: 1, x: 3)])
    let frames = try track([one, one, one] + Array(repeating: nobody, count: 12) + [other, other, other])
    #expect(frames.last?.numbers == [1: 2])
  }

  @Test func peopleAreKnownAgainAfterACut() throws {
    let before = ShotScene(actors: [Actor(identity: 0, x: 3), Actor(identity: 1, x: 40, certainty: 7)], left: 230)
    let after = ShotScene(actors: [Actor(identity: 1, x: 3), Actor(identity: 0, x: 40)], left: 20, right: 120)
    let frames = try track([before, before, before, after, after])
    #expect(frames.map(\.tracking.isCut) == [false, false, false, true, false])
    #expect(frames.allSatisfy { $0.numbers == frames[0].numbers })
  }

  @Test func faintPeopleAreFoundAgainButNotNew() throws {
    let one = ShotScene(actors: [Actor(identity: 0, x: 3)])
    // A class probability of about 0.4.
    let faint = ShotScene(actors: [
      Actor(identity: 0, x: 4, certainty: 0.7), Actor(identity: 1, x: 40, certainty: 0.7),
    ])
    let frames = try track([one, one, one, faint, faint, faint, faint])
    #expect(frames.allSatisfy { $0.numbers == [0: 1] })
    #expect(frames.last?.frame.parsing.people.count == 2)
  }

  @Test func whoIsFoundTwiceCountsOnce() throws {
    let scene = ShotScene(actors: [
      Actor(identity: 0, x: 10, certainty: 9), Actor(identity: 0, x: 10, y: 9, certainty: 5),
    ])
    let frames = try track([scene, scene, scene, scene])
    #expect(frames.allSatisfy { $0.tracking.numbers == [1, nil] })
  }

  /// People whom the network takes for one, and whom mending has told apart, have one description in common, or none.
  @Test(arguments: [5, nil]) func peopleWhoWereOneMaskKeepTheirNumbers(common: Int?) throws {
    func scene(_ time: Int, _ identities: (Int?, Int?)) -> ShotScene {
      ShotScene(actors: [
        Actor(identity: identities.0, x: 8 + time, certainty: 9),
        Actor(identity: identities.1, x: 24 + time, certainty: 8),
      ])
    }
    let apart = (0..<4).map { scene($0, (0, 1)) }
    let mended = (4..<10).map { scene($0, (common, common)) }
    let nobody = Array(repeating: ShotScene(actors: []), count: 12)
    let frames = try track(apart + mended + nobody + [scene(0, (1, 0)), scene(0, (1, 0))])
    for frame in frames[..<10] { #expect(frame.tracking.numbers == [1, 2]) }
    // Who has no description in the last frames is known by the one before; a common one says nothing of who is who.
    if common == nil { #expect(frames.last?.tracking.numbers == [2, 1]) }
  }

  @Test func aSingleFrameHasPeople() throws {
    let frames = try track([ShotScene(actors: [Actor(identity: 0, x: 3)])])
    #expect(frames.map(\.numbers) == [[0: 1]])
  }

  @Test func whoCouldBeExchangedIsReported() throws {
    // Two people who look the same, and meet.
    let scenes = (0..<12).map { time in
      ShotScene(actors: [Actor(identity: 0, x: 2 * time), Actor(identity: 0, x: 44 - 2 * time, certainty: 7)])
    }
    let frames = try track(scenes)
    #expect(frames[2].tracking.uncertain.isEmpty)
    #expect(frames.contains { $0.tracking.uncertain == [1, 2] })
  }

  /// Tracking goes on in another process as if it had not been interrupted, from any frame.
  @Test(arguments: 1..<17) func goesOnFromAState(at index: Int) throws {
    let scenes = (0..<18).map { time in
      var actors = [Actor(identity: 0, x: 2 * time)]
      if time != 7 { actors.append(Actor(identity: 1, x: 50 - time)) }
      if (6...14).contains(time), time != 8 { actors.append(Actor(identity: 2, x: 30, y: 1, height: 30, certainty: 9)) }
      if time == 10 { actors.append(Actor(identity: 3, x: 5, y: 25, height: 8)) }
      return ShotScene(actors: actors)
    }
    let all = try track(scenes)
    let data = try JSONEncoder().encode(all[index - 1].state)
    let state = try JSONDecoder().decode(ShotState.self, from: data)
    let rest = try track(Array(scenes[index...]), from: state, first: index)
    #expect(rest.map(\.tracking) == all[index...].map(\.tracking))
    #expect(rest.map(\.state.peopleCount) == all[index...].map(\.state.peopleCount))
  }
}
