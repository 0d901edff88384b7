import HumanParsing
import ImageCoding

/// The network and the smoothing over time, for the frames of a shot in their order. A frame that cannot be read, or that is
/// missing and black, ends the smoothing, and it starts anew.
struct SmoothedFrames<Frame: Sendable> {
  /// A frame with what was found in it, and what that is made of: the smoothed word of the network, `nil` for a frame that
  /// cannot be read or is black.
  typealias Parsed = (frame: Frame, parsing: Result<Parsing, Failure>, observation: FrameObservation?)

  private struct Waiting: Sendable {
    var frame: Frame
    var image: RGBImage
  }

  private let parser: HumanParser
  private var smoother: TemporalSmoother<Waiting>

  init(_ temporal: TemporalSmoothing, of parser: HumanParser) {
    self.parser = parser
    smoother = TemporalSmoother(temporal, of: parser)
  }

  /// Takes the next frame.
  ///
  /// - Parameters:
  ///   - frame: Whatever belongs to the frame.
  ///   - isAfterGap: Whether frames are missing before this one.
  /// - Returns: Frames that are parsed by now, in order.
  mutating func add(
    _ frame: Frame, _ picture: Result<SequenceReader.Picture, Failure>, isAfterGap: Bool
  ) -> [Parsed] {
    do throws(Failure) {
      let picture = try picture.get()
      if picture.isBlack {
        let (width, height) = (picture.photo.width, picture.photo.height)
        let empty = try failing { try parser.emptyParsing(width: width, height: height) }
        return finish() + [(frame, .success(empty), nil)]
      }
      let observation = try failing { try parser.observe(picture.photo.image) }
      return smoother.add(
        Waiting(frame: frame, image: picture.photo.image), image: picture.photo.image, observation: observation,
        isAfterGap: isAfterGap
      ).map(parsed)
    } catch {
      return finish() + [(frame, .failure(error), nil)]
    }
  }

  /// The frames that wait, when none follows.
  mutating func finish() -> [Parsed] { smoother.finish().map(parsed) }

  private func parsed(_ smoothed: TemporalSmoother<Waiting>.Smoothed) -> Parsed {
    let (waiting, observation) = smoothed
    return (
      waiting.frame,
      Result { () throws(Failure) in
        try failing { try parser.parsing(of: observation, image: waiting.image) }
      },
      observation
    )
  }

  private func failing<Value>(_ body: () throws -> Value) throws(Failure) -> Value {
    do { return try body() } catch { throw Failure(error) }
  }
}
