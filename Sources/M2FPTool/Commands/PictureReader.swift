import Foundation
import ImageCoding

/// Reads the pictures that a command is given.
struct PictureReader {
  let limits: ImageLimits

  /// - Returns: The picture, and the milliseconds that it took to read.
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
      for note in decoded.notes { notes.notice("\(input.name): \(note)") }
      return (decoded.image, (ContinuousClock.now - start) / .milliseconds(1))
    } catch {
      throw Failure(error, about: input.name)
    }
  }
}
