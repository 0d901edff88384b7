import EXRFiles
import Foundation
import ImageCoding

/// Reader of the pictures of a command.
struct PictureReader {
  let decoder: PictureDecoder

  init(limits: ImageLimits) { decoder = PictureDecoder(limits: limits) }

  init(decoder: PictureDecoder) { self.decoder = decoder }

  /// A picture that was read.
  struct Picture {
    let photo: Photo
    /// Duration of reading and decoding.
    let milliseconds: Double
    /// Whether there is another picture behind it on standard input.
    let isFollowed: Bool

    /// Throws for a picture behind this one, which nobody would miss otherwise. Called once this one's results are written.
    func checkAlone() throws(Failure) {
      if isFollowed {
        throw Failure(
          .badData, "expected one picture on standard input, found another behind it, which was not processed")
      }
    }
  }

  /// Reads and decodes a picture, and logs what the decoder ignored or repaired.
  func read(_ input: Input) throws(Failure) -> Picture {
    let start = ContinuousClock.now
    do {
      let decoded: PictureDecoder.Decoded
      var isFollowed = false
      switch input.source {
      case .standardInput:
        let bytes = try StandardStream.readInput(limit: decoder.limits.maximumBytes)
        decoded = try decoder.decode(bytes: bytes, name: input.name)
        isFollowed = bytes.withUnsafeBytes { EncodedPicture.isFollowedByAnother($0) }
      case .file(let path):
        decoded = try decoder.decode(path: path)
      }
      for note in decoded.notes { logger.notice("\(input.name): \(note)") }
      return Picture(
        photo: decoded.photo, milliseconds: (ContinuousClock.now - start) / .milliseconds(1), isFollowed: isFollowed)
    } catch {
      throw Failure(error, about: input.name)
    }
  }
}
