import CImageShims

/// Calls into the shims, and turns what they answer into errors.
enum Shim {
  /// What a shim has to say besides its status; empty if nothing.
  struct Answer {
    let status: image_shim_status
    let message: String
    let warning: String
  }

  private static let capacity = 256

  /// Lends `body` room for an error message and for a warning.
  static func call(_ body: (_ message: image_shim_message, _ warning: image_shim_message) -> image_shim_status)
    -> Answer
  {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2 * capacity) { buffer in
      buffer.initialize(repeating: 0)
      guard let text = buffer.baseAddress else {
        return Answer(status: IMAGE_SHIM_NO_ROOM, message: "out of memory", warning: "")
      }
      let status = body(
        image_shim_message(text: text, capacity: capacity),
        image_shim_message(text: text + capacity, capacity: capacity))
      return Answer(
        status: status, message: String(cString: text), warning: String(cString: text + capacity))
    }
  }
}

extension Shim.Answer {
  /// - Parameters:
  ///   - name: What the error sentence calls the image.
  ///   - format: What the image was expected to be, such as "PNG".
  /// - Throws: `ImageCodingError` unless the shim succeeded.
  func check(name: String, format: String) throws {
    switch status {
    case IMAGE_SHIM_OK: return
    case IMAGE_SHIM_TRUNCATED:
      throw ImageCodingError(
        .truncated, "\(name): a whole \(format) image was expected, found part of one (\(message))")
    case IMAGE_SHIM_UNSUPPORTED:
      throw ImageCodingError(.unsupported, "\(name): this kind of \(format) image is not supported (\(message))")
    case IMAGE_SHIM_TOO_LARGE, IMAGE_SHIM_NO_ROOM:
      throw ImageCodingError(.tooLarge, "\(name): the \(format) image is beyond the limits (\(message))")
    default:
      throw ImageCodingError(
        .corrupt, "\(name): a sound \(format) image was expected, found a damaged one (\(message))")
    }
  }
}
