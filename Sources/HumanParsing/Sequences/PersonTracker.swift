/// Finds the people of one frame again in the next: by their masks, moved as the people moved, and by the network's
/// description of them (MinVIS, arXiv 2208.02245), confident people first (ByteTrack, arXiv 2110.06864). Those who leave
/// are remembered for a while, and known again by their description.
struct PersonTracker: Sendable, Codable {
  /// A person over time.
  struct Track: Sendable, Codable {
    let id: Int
    /// Description, averaged over time (CTVIS, arXiv 2307.12616).
    var embedding: Embedding
    var shape: PersonShape
    var middle: SIMD2<Float>
    /// Cells that the person moves in a frame.
    var velocity = SIMD2<Float>()
    /// Number of the frame that shows the person last.
    var lastFrame: Int
    /// Frames since the first that shows the person, and with it; counted up to ``PersonTracker/birthFrames``.
    var age = 1
    /// Frames among these that show the person.
    var sightings = 1
    /// Whether the person was seen often enough to be one.
    var isConfirmed = false
  }

  /// A person counts once they are seen in `birthSightings` of their first `birthFrames` frames.
  static let birthFrames = 5
  static let birthSightings = 3
  /// Score from which on people are looked for first, and by their description alone, too. New ones need the model's own
  /// least score of people as well.
  static let confidentScore: Float = 0.5
  /// Frames after which somebody who is not seen is looked for by their description alone.
  private static let recentFrames = 8
  /// Overlap with the moved mask, and cosine of the descriptions, of which one at least must be reached by a pair.
  private static let leastOverlap: Float = 0.1
  private static let likeCosine: Float = 0.8
  /// Overlap of somebody of low score with the moved mask.
  private static let leastFaintOverlap: Float = 0.3
  /// Cosine from which on somebody who was away is the same person.
  private static let sameCosine: Float = 0.75
  /// Overlap with somebody else in the same frame from which on a person was found twice.
  private static let duplicateOverlap: Float = 0.6
  /// Weight of a new description in the average.
  private static let embeddingShare: Float = 0.2
  /// How much dearer the exchange of two people must be for their numbers to be safe.
  private static let safeMargin: Float = 0.1

  private(set) var tracks: [Track] = []
  private var nextID = 0
  /// Frames for which somebody who is not seen is remembered.
  let memory: Int

  /// - Parameter memory: Frames for which somebody who is not seen is remembered.
  init(memory: Int) { self.memory = memory }

  /// What became of the people of a frame.
  struct Update: Sendable {
    /// The track of each person; `nil` for nobody's.
    var ids: [Int?]
    /// Tracks whose people might have been exchanged with another's.
    var uncertain: Set<Int> = []
  }

  /// Takes the people of the next frame.
  ///
  /// - Parameters:
  ///   - people: Most confident first.
  ///   - frame: Number of the frame, larger than those before.
  ///   - isCut: Whether the frame begins a shot, so that nobody is where they were.
  mutating func update(_ people: [PersonObservation], frame: Int, isCut: Bool) -> Update {
    if isCut { confirmEarly() }
    tracks.removeAll { frame - $0.lastFrame > memory }
    var matching = Matching(people: people.count, tracks: tracks.count)
    let confident = people.indices.filter { people[$0].score >= Self.confidentScore }
    let faint = people.indices.filter { people[$0].score < Self.confidentScore }
    var costs: [Pair: Float] = [:]
    if !isCut {
      let shapes = tracks.map { predictedShape(of: $0, at: frame) }
      let recent = tracks.indices.filter { frame - tracks[$0].lastFrame <= Self.recentFrames }
      matching.match(confident, to: recent) { person, track in
        let cost = self.cost(people[person], tracks[track], shapes[track], leastOverlap: Self.leastOverlap)
        if let cost { costs[Pair(person, track)] = cost }
        return cost
      }
      matching.match(faint, to: recent) { person, track in
        let overlap = people[person].shape.overlap(with: shapes[track])
        return overlap >= Self.leastFaintOverlap ? 1 - overlap : nil
      }
    }
    matching.match(confident, to: Array(tracks.indices)) { person, track in
      guard let cosine = people[person].embedding.cosine(tracks[track].embedding), cosine >= Self.sameCosine else {
        return nil
      }
      return 1 - cosine
    }
    var result = Update(ids: matching.trackOfPerson.map { $0.map { tracks[$0].id } })
    result.uncertain = Set(matching.uncertainTracks(costs, margin: Self.safeMargin).map { tracks[$0].id })
    for index in tracks.indices { see(matching.personOfTrack[index].map { people[$0] }, track: index, frame, isCut) }
    for person in confident where result.ids[person] == nil && people[person].mayBeNew {
      if !isDuplicate(person, of: people, ids: result.ids) { result.ids[person] = begin(people[person], frame) }
    }
    tracks.removeAll { !$0.isConfirmed && $0.age >= Self.birthFrames }
    return result
  }

  /// Confirms people who are seen in as large a share of fewer frames, when no others are to follow.
  mutating func confirmEarly() {
    for index in tracks.indices
    where tracks[index].sightings * Self.birthFrames >= tracks[index].age * Self.birthSightings {
      tracks[index].isConfirmed = true
    }
  }

  private mutating func begin(_ person: PersonObservation, _ frame: Int) -> Int {
    defer { nextID += 1 }
    tracks.append(
      Track(
        id: nextID, embedding: person.embedding, shape: person.shape, middle: person.middle, lastFrame: frame))
    return nextID
  }

  /// Moves a track on by one frame, in which its person is seen or not.
  private mutating func see(_ person: PersonObservation?, track index: Int, _ frame: Int, _ isCut: Bool) {
    if tracks[index].age < Self.birthFrames {
      tracks[index].age += 1
      if person != nil { tracks[index].sightings += 1 }
    }
    if tracks[index].sightings >= Self.birthSightings { tracks[index].isConfirmed = true }
    guard let person else { return }
    let away = frame - tracks[index].lastFrame
    let step = (person.middle - tracks[index].middle) / Float(max(away, 1))
    // After a cut, or a while away, where somebody was says nothing about how fast they move.
    let isContinuous = !isCut && away <= Self.recentFrames
    tracks[index].velocity = isContinuous ? (tracks[index].velocity + step) / 2 : SIMD2()
    tracks[index].middle = person.middle
    tracks[index].shape = person.shape
    tracks[index].lastFrame = frame
    if person.score >= Self.confidentScore {
      tracks[index].embedding = tracks[index].embedding.blended(with: person.embedding, share: Self.embeddingShare)
    }
  }

  /// The mask of a track's person where they are by now if they moved on as they did.
  private func predictedShape(of track: Track, at frame: Int) -> PersonShape {
    let way = track.velocity * Float(frame - track.lastFrame)
    let bounded = way.clamped(lowerBound: SIMD2(repeating: -64), upperBound: SIMD2(repeating: 64))
    return track.shape.moved(x: Int(bounded.x.rounded()), y: Int(bounded.y.rounded()))
  }

  /// Half of what the descriptions differ plus half of what the masks do; `nil` for a pair that cannot be.
  private func cost(
    _ person: PersonObservation, _ track: Track, _ shape: PersonShape, leastOverlap: Float
  ) -> Float? {
    let overlap = person.shape.overlap(with: shape)
    guard let cosine = person.embedding.cosine(track.embedding) else {
      return overlap >= leastOverlap ? 1 - overlap : nil
    }
    return overlap >= leastOverlap || cosine >= Self.likeCosine ? (1 - cosine) / 2 + (1 - overlap) / 2 : nil
  }

  /// Whether somebody without a track is a person who is found already.
  private func isDuplicate(_ person: Int, of people: [PersonObservation], ids: [Int?]) -> Bool {
    people.indices.contains { other in
      other != person && ids[other] != nil
        && people[other].shape.overlap(with: people[person].shape) >= Self.duplicateOverlap
    }
  }
}

/// A person of a frame and a track, by their indices.
private struct Pair: Hashable {
  let person: Int
  let track: Int

  init(_ person: Int, _ track: Int) { (self.person, self.track) = (person, track) }
}

/// Pairs of a frame's people and tracks, made in several rounds.
private struct Matching {
  private(set) var trackOfPerson: [Int?]
  private(set) var personOfTrack: [Int?]

  init(people: Int, tracks: Int) {
    trackOfPerson = Array(repeating: nil, count: people)
    personOfTrack = Array(repeating: nil, count: tracks)
  }

  /// Pairs those of some people and tracks that are free, at the smallest cost.
  mutating func match(_ people: [Int], to tracks: [Int], cost: (_ person: Int, _ track: Int) -> Float?) {
    let freePeople = people.filter { trackOfPerson[$0] == nil }
    let freeTracks = tracks.filter { personOfTrack[$0] == nil }
    var costs: [Float?] = []
    for person in freePeople { for track in freeTracks { costs.append(cost(person, track)) } }
    let assignment = minimumCostAssignment(rows: freePeople.count, columns: freeTracks.count) { row, column in
      costs[row * freeTracks.count + column]
    }
    for (row, column) in assignment.enumerated() {
      guard let column else { continue }
      trackOfPerson[freePeople[row]] = freeTracks[column]
      personOfTrack[freeTracks[column]] = freePeople[row]
    }
  }

  /// Tracks that could exchange their people with another's at little more cost.
  func uncertainTracks(_ costs: [Pair: Float], margin: Float) -> Set<Int> {
    var uncertain: Set<Int> = []
    let pairs = trackOfPerson.enumerated().compactMap { person, track in track.map { Pair(person, $0) } }
    for (index, pair) in pairs.enumerated() {
      for other in pairs[(index + 1)...] {
        guard let own = costs[pair], let others = costs[other], let first = costs[Pair(pair.person, other.track)],
          let second = costs[Pair(other.person, pair.track)]
        else { continue }
        if first + second - own - others < margin { uncertain.formUnion([pair.track, other.track]) }
      }
    }
    return uncertain
  }
}
