public import ImageCoding

extension HumanParser {
  /// Parses the pictures of a shot in their order; people keep their numbers from frame to frame.
  ///
  /// ```swift
  /// for try await frame in parser.parse(sequence: pictures) {
  ///   print(frame.index, frame.numbers)
  /// }
  /// ```
  /// - Parameters:
  ///   - images: Pictures of any sizes, as they come.
  ///   - framesPerSecond: Rate of the pictures. Somebody who leaves is remembered for two seconds.
  ///   - temporal: How masks are smoothed over time.
  public func parse<Images>(
    sequence images: Images, framesPerSecond: Double = 24, temporal: TemporalSmoothing = .light
  ) -> SequenceParser<Images> {
    SequenceParser(images: images, parser: self, framesPerSecond: framesPerSecond, temporal: temporal)
  }

  /// Parses the pictures of a shot in their order; people keep their numbers from frame to frame.
  ///
  /// - Parameters:
  ///   - images: Pictures of any sizes; each is made when it is needed.
  ///   - framesPerSecond: Rate of the pictures. Somebody who leaves is remembered for two seconds.
  ///   - temporal: How masks are smoothed over time.
  public func parse<Images>(
    sequence images: Images, framesPerSecond: Double = 24, temporal: TemporalSmoothing = .light
  ) -> SequenceParser<SynchronousImages<Images>> {
    parse(sequence: SynchronousImages(base: images), framesPerSecond: framesPerSecond, temporal: temporal)
  }
}

/// The parsed pictures of a shot, in order.
///
/// A picture is asked for when the one before it is parsed. Frames are returned when those are parsed that they are smoothed
/// with: one more, or three with ``TemporalSmoothing/full``. Frames that show somebody new are returned when up to four
/// more than these are parsed, because only then it is certain that it is a person. The sequence ends by throwing if a picture cannot
/// be had, and with `CancellationError` if its task is cancelled; frames that wait are lost then.
public struct SequenceParser<Images: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Images.Element == RGBImage {
  private let images: Images
  private let parser: HumanParser
  private let memory: Int
  private let temporal: TemporalSmoothing

  init(images: Images, parser: HumanParser, framesPerSecond: Double, temporal: TemporalSmoothing) {
    self.images = images
    self.parser = parser
    self.temporal = temporal
    memory = ShotMemory.frames(perSecond: framesPerSecond)
  }

  /// An iterator that parses the pictures from the first.
  public func makeAsyncIterator() -> Iterator {
    Iterator(
      images: images.makeAsyncIterator(), parser: parser, smoother: TemporalSmoother(temporal, of: parser),
      tracker: ShotTracker(ShotState(memory: memory)))
  }

  /// Parses pictures one after another.
  public struct Iterator: AsyncIteratorProtocol {
    private var images: Images.AsyncIterator
    private let parser: HumanParser
    private var smoother: TemporalSmoother<RGBImage>
    private var tracker: ShotTracker<SequenceInput>
    private var ready: ArraySlice<ShotTracker<SequenceInput>.Numbered> = []
    private var parsed = 0
    private var returned = 0
    private var isAtEnd = false

    fileprivate init(
      images: Images.AsyncIterator, parser: HumanParser, smoother: TemporalSmoother<RGBImage>,
      tracker: ShotTracker<SequenceInput>
    ) {
      self.images = images
      self.parser = parser
      self.smoother = smoother
      self.tracker = tracker
    }

    /// The next frame; `nil` after the last.
    ///
    /// - Throws: What the sequence of pictures throws; `CancellationError` if the task is cancelled.
    public mutating func next() async throws -> ParsedFrame? {
      while ready.isEmpty, !isAtEnd {
        let image = try await images.next()
        isAtEnd = image == nil
        for (image, observation) in try await smoothed(image) {
          let parsing = try await parser.parsing(of: observation, image: image)
          let input = SequenceInput(image: image, parsing: parsing)
          ready += tracker.add(input, image: image, parsing: parsing, number: parsed)
          parsed += 1
        }
        if isAtEnd { ready += tracker.finish() }
      }
      guard let frame = ready.popFirst() else { return nil }
      defer { returned += 1 }
      return ParsedFrame(index: returned, input: frame.frame, tracking: frame.tracking)
    }

    /// Passes a picture through the network; returns the pictures that are smoothed by then, all of them after the last.
    private mutating func smoothed(_ image: RGBImage?) async throws -> [TemporalSmoother<RGBImage>.Smoothed] {
      guard let image else { return smoother.finish() }
      let (ready, next) = try await parser.onOwnThread { [parser, smoother] check in
        var smoother = smoother
        let observation = try parser.observe(image, check: check)
        return (smoother.add(image, image: image, observation: observation), smoother)
      }
      smoother = next
      return ready
    }
  }
}

/// How long people who are not seen are remembered.
package enum ShotMemory {
  private static let seconds = 2.0

  /// - Parameter rate: Frames in a second; one that is none counts as 24.
  package static func frames(perSecond rate: Double) -> Int {
    Int((min(rate > 0 ? rate : 24, 1000) * seconds).rounded(.up))
  }
}

/// A picture and what was found in it, before people have their numbers.
private struct SequenceInput: Sendable {
  let image: RGBImage
  let parsing: Parsing
}

/// A frame of a shot.
public struct ParsedFrame: Sendable {
  /// Position of the frame in the shot, from 0.
  public let index: Int
  /// The picture.
  public let image: RGBImage
  /// People, parts and label map of the picture.
  public let parsing: Parsing
  private let tracking: Tracking

  fileprivate init(index: Int, input: SequenceInput, tracking: Tracking) {
    self.index = index
    image = input.image
    parsing = input.parsing
    self.tracking = tracking
  }

  /// Number of each of ``Parsing/people``, from 1, the same in every frame of the shot; `nil` for those who are seen too
  /// seldom to be people.
  public var numbers: [Int?] { tracking.numbers }

  /// Whether a cut is before this frame.
  public var isCut: Bool { tracking.isCut }

  /// Numbers of people who might have been taken for one another in this frame.
  public var uncertainNumbers: [Int] { tracking.uncertain }

  /// The person of a number; `nil` if they are not in this frame.
  public func person(_ number: Int) -> Person? { numbers.firstIndex(of: number).map { parsing.people[$0] } }
}

/// Pictures of a synchronous sequence, each made when it is needed.
public struct SynchronousImages<Base: Sequence & Sendable>: AsyncSequence, Sendable where Base.Element == RGBImage {
  let base: Base

  /// An iterator from the first picture.
  public func makeAsyncIterator() -> Iterator { Iterator(base: base.makeIterator()) }

  /// Iterates over the pictures.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate var base: Base.Iterator

    /// The next picture; `nil` after the last.
    public mutating func next() async throws -> RGBImage? { base.next() }
  }
}
