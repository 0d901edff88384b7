import Foundation
import FrameSequences
import ImageCoding

/// Reader of the pictures of a sequence's frames.
struct SequenceReader: Sendable {
  /// A frame's picture.
  struct Picture: Sendable {
    var image: RGBImage
    /// What the decoder ignored or repaired.
    var notes: [String]
    var milliseconds: Double
    /// Whether the frame is missing, so that nothing is to be found in it.
    var isBlack = false
  }

  let limits: ImageLimits

  func read(_ frame: SequenceFrame) throws(Failure) -> Picture {
    switch frame.source {
    case .file(let path): return try decode(path)
    case .black(let other):
      var picture = try decode(other)
      do {
        picture.image = try RGBImage(
          width: picture.image.width, height: picture.image.height, filledWith: (0, 0, 0))
      } catch { throw Failure(error) }
      (picture.notes, picture.isBlack) = ([], true)
      return picture
    }
  }

  private func decode(_ path: String) throws(Failure) -> Picture {
    let start = ContinuousClock.now
    do {
      let decoded = try ImageDecoder.decode(contentsOf: URL(filePath: path), limits: limits)
      return Picture(
        image: decoded.image, notes: decoded.notes, milliseconds: (ContinuousClock.now - start) / .milliseconds(1))
    } catch { throw Failure(error, about: path) }
  }
}
