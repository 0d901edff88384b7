import EXRFiles
import Foundation
import ImageCoding
import Platform

/// Decoder of the pictures of a command: of photographs, and of OpenEXR plates, which the network is shown through a view.
struct PictureDecoder: Sendable {
  /// A picture, and facts about its file.
  struct Decoded: Sendable {
    var photo: Photo
    /// Sentences about what was ignored or repaired.
    var notes: [String]
  }

  let limits: ImageLimits
  var view = PlateView()
  /// Whether results need the values of plates.
  var keepsPlates = false
  /// What becomes of colors that 8-bit sRGB does not hold; `nil` if no result has the picture's colors.
  var colors: ColorHandling?

  /// Decodes a file.
  ///
  /// - Throws: `ImageCodingError` that names the file.
  func decode(path: String) throws -> Decoded {
    guard let bytes = try plateBytes(path) else {
      return Decoded(try ImageDecoder.decode(contentsOf: FilePath.url(path), limits: limits, colors: colors))
    }
    return try decode(bytes: bytes, name: FilePath.name(of: path))
  }

  /// Decodes the bytes of a file.
  ///
  /// - Throws: `ImageCodingError` that calls the picture `name`.
  func decode(bytes: [UInt8], name: String) throws -> Decoded {
    guard bytes.starts(with: EXRHeader.magic) else {
      return Decoded(try ImageDecoder.decode(bytes: bytes, name: name, limits: limits, colors: colors))
    }
    var plate = try bytes.withUnsafeBytes { try EXRPlate($0, name: name, layer: view.layer, limits: limits) }
    if colors == .srgb { plate = plate.inRec709() }
    let photo = Photo(image: try plate.image(view), alpha: try plate.alpha(), plate: keepsPlates ? plate : nil)
    return Decoded(photo: photo, notes: plate.notes)
  }

  /// The bytes of a plate; `nil` for other files, and for those that cannot be opened, of which the other decoder tells why.
  private func plateBytes(_ path: String) throws -> [UInt8]? {
    do {
      let file = try InputFile(path: path)
      var magic = [UInt8](repeating: 0, count: EXRHeader.magic.count)
      _ = try magic.withUnsafeMutableBytes { try file.read(into: $0) }
      guard magic == EXRHeader.magic else { return nil }
      guard file.byteCount <= limits.maximumBytes else {
        throw ImageCodingError(
          .tooLarge,
          "\(FilePath.name(of: path)): the file takes \(file.byteCount) bytes; at most \(limits.maximumBytes) are allowed"
        )
      }
      return try file.contents()
    } catch let error as ImageCodingError {
      throw error
    } catch {
      return nil
    }
  }
}

extension PictureDecoder.Decoded {
  fileprivate init(_ decoded: DecodedImage) {
    self.init(
      photo: Photo(image: decoded.image, alpha: decoded.alpha, source: decoded.source), notes: decoded.notes)
  }
}
