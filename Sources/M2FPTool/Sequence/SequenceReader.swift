import EXRFiles
import Foundation
import FrameSequences
import ImageCoding
import VideoFrames

/// Reader of the pictures of a sequence's frames.
struct SequenceReader: Sendable {
  /// A frame's picture.
  struct Picture: Sendable {
    var photo: Photo
    /// What the decoder ignored or repaired.
    var notes: [String] = []
    /// When a video shows the frame: in the units of its stream, and in seconds.
    var pts: Int?
    var seconds: Double?
    var milliseconds = 0.0
    /// Whether the frame is missing, so that nothing is to be found in it.
    var isBlack = false
  }

  /// How the reading of a shot ended.
  struct End: Sendable {
    /// Number of frames of the shot; `nil` if its end was not reached.
    var count: Int?
    /// What went wrong, apart from single frames.
    var failure: Failure?
  }

  let decoder: PictureDecoder

  /// Reads frames one after another.
  ///
  /// - Parameters:
  ///   - frames: The shot.
  ///   - indices: Indices of the frames to read, ascending; those beyond the shot's end are not read.
  ///   - body: Takes each frame; false ends the reading.
  func read(
    _ frames: SequenceFrames, at indices: some Sequence<Int>,
    _ body: (_ index: Int, _ picture: Result<Picture, Failure>) -> Bool
  ) -> End {
    switch frames {
    case .files(let list):
      for index in indices {
        guard index < list.count else { return End(count: list.count) }
        let picture = Result { () throws(Failure) in try read(list[index].source) }
        if !body(index, picture) { break }
      }
      return End()
    case .video(let selection):
      do throws(VideoError) { return try read(selection, at: indices, body) } catch {
        return End(failure: Failure(error, of: selection.video.path))
      }
    }
  }

  // MARK: Files

  private func read(_ source: SequenceFrame.Source) throws(Failure) -> Picture {
    switch source {
    case .file(let path): return try decode(path)
    case .black(let other):
      var picture = try decode(other)
      do {
        picture.photo.image = try RGBImage(
          width: picture.photo.width, height: picture.photo.height, filledWith: (0, 0, 0))
      } catch { throw Failure(error) }
      (picture.photo.alpha, picture.photo.source, picture.notes, picture.isBlack) = (nil, nil, [], true)
      return picture
    case .video(let path): throw Failure(.softwareFault, "\(path): expected a picture, found a video")
    }
  }

  private func decode(_ path: String) throws(Failure) -> Picture {
    let start = ContinuousClock.now
    do {
      let decoded = try decoder.decode(path: path)
      return Picture(
        photo: decoded.photo, notes: decoded.notes, milliseconds: (ContinuousClock.now - start) / .milliseconds(1))
    } catch { throw Failure(error, about: path) }
  }

  // MARK: Videos

  private func read(
    _ selection: VideoSelection, at indices: some Sequence<Int>, _ body: (Int, Result<Picture, Failure>) -> Bool
  ) throws(VideoError) -> End {
    var reader: VideoReader?
    defer { reader?.stop() }
    for index in indices {
      guard let position = selection.position(at: index) else { return End(count: index) }
      let start = ContinuousClock.now
      let opened =
        if let reader { reader } else { try VideoReader(selection.video, from: position, limits: decoder.limits) }
      reader = opened
      var frame = try opened.next()
      while let found = frame, found.position < position { frame = try opened.next() }
      guard let frame else { return end(of: selection, at: index, opened.complaint) }
      var picture = Picture(photo: Photo(image: frame.image), pts: frame.pts, seconds: frame.seconds)
      picture.milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
      if !body(index, .success(picture)) { break }
    }
    return End()
  }

  /// The end of a video, before the frame of an index.
  private func end(of selection: VideoSelection, at index: Int, _ complaint: String?) -> End {
    let path = selection.video.path
    if let complaint {
      return End(
        count: index,
        failure: Failure(.badData, "\(path): expected a whole video, found that it cannot all be read: \(complaint)"))
    }
    if let numbers = selection.numbers, !selection.mayLackFrames {
      let lacking = FrameRange(numbers[index...])
      return End(
        count: index,
        failure: Failure(.noInput, "\(path): expected frames \(lacking), found that the video ends before"))
    }
    return End(count: index)
  }
}

extension Failure {
  /// The failure for one of a video.
  init(_ error: VideoError, of path: String) {
    let status: ExitReason =
      switch error.code {
      case .noProgram: .noInput
      case .notVideo, .tooLarge: .badData
      case .interrupted, .notWritten: .inputOutput
      }
    self = Failure(Failure(status, "\(path): \(error.message)"))
  }
}
