import Foundation
import ImageCoding

/// Reader of the pictures of a command.
struct PictureReader {
  let limits: ImageLimits

  /// Reads and decodes a picture, and logs what the decoder ignored or repaired.
  ///
  /// - Returns: The picture and the duration in milliseconds.
  func read(_ input: Input) throws(Failure) -> (image: RGBImage, milliseconds: Double) {
    let start = ContinuousClock.now
    do {
      let decoded: DecodedImage
      switch input.source {
      case .standardInput:
        let bytes = try StandardStream.readInput(limit: limits.maximumBytes)
        decoded = try ImageDecoder.decode(bytes: bytes, name: input.name, limits: limits)
      case .file(let path):
        decoded = try ImageDecoder.decode(contentsOf: URL(filePath: path), limits: limits)
      }
      for note in decoded.notes { logger.notice("\(input.name): \(note)") }
      return (decoded.image, (ContinuousClock.now - start) / .milliseconds(1))
    } catch {
      throw Failure(error, about: input.name)
    }
  }
}
