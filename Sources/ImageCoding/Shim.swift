import CImageShims

/// Calls of the C functions in `CImageShims`, and their failures as errors.
enum Shim {
  /// Status of a call, and the library's messages; empty if there are none.
  struct Result {
    let status: image_shim_status
    let message: String
    let warning: String
  }

  private static let capacity = 256

  /// Calls `body` with buffers for an error message and a warning.
  static func call(_ body: (_ message: image_shim_message, _ warning: image_shim_message) -> image_shim_status)
    -> Result
  {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2 * capacity) { buffer in
      buffer.initialize(repeating: 0)
      guard let text = buffer.baseAddress else {
        return Result(status: IMAGE_SHIM_OUT_OF_MEMORY, message: "out of memory", warning: "")
      }
      let status = body(
        image_shim_message(text: text, capacity: capacity),
        image_shim_message(text: text + capacity, capacity: capacity))
      return Result(
        status: status, message: String(cString: text), warning: String(cString: text + capacity))
    }
  }
}

extension Shim.Result {
  /// Throws the error of a failed call.
  ///
  /// - Parameters:
  ///   - name: The image's name in the error message.
  ///   - format: The expected format, such as "PNG".
  /// - Throws: `ImageCodingError` unless the call succeeded.
  func check(name: String, format: String) throws {
    switch status {
    case IMAGE_SHIM_OK: return
    case IMAGE_SHIM_TRUNCATED:
      throw ImageCodingError(
        .truncated, "\(name): a whole \(format) image was expected, found part of one (\(message))")
    case IMAGE_SHIM_UNSUPPORTED:
      throw ImageCodingError(.unsupported, "\(name): this kind of \(format) image is not supported (\(message))")
    case IMAGE_SHIM_TOO_LARGE, IMAGE_SHIM_OUT_OF_MEMORY:
      throw ImageCodingError(.tooLarge, "\(name): the \(format) image is beyond the limits (\(message))")
    default:
      throw ImageCodingError(
        .corrupt, "\(name): a sound \(format) image was expected, found a damaged one (\(message))")
    }
  }
}
