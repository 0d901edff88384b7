import COpenEXRShims
import ImageCoding

/// Calls of the functions in `COpenEXRShims`, and their failures as errors.
enum EXRShim {
  /// Status of a call, and OpenEXR's message; empty if there is none.
  struct Result {
    let status: exr_shim_status
    let message: String

    /// Throws the error of a call that failed.
    func check(name: String) throws {
      // The library writes some of its messages over several lines.
      let reason = message.split(whereSeparator: \.isNewline).joined(separator: " ")
      switch status {
      case EXR_SHIM_OK: return
      case EXR_SHIM_TRUNCATED:
        throw ImageCodingError(
          .truncated, "\(name): a whole OpenEXR image was expected, found part of one (\(reason))")
      case EXR_SHIM_UNSUPPORTED:
        throw ImageCodingError(.unsupported, "\(name): this kind of OpenEXR image is not supported (\(reason))")
      case EXR_SHIM_OUT_OF_MEMORY:
        throw ImageCodingError(.tooLarge, "\(name): the OpenEXR image is beyond the limits (\(reason))")
      default:
        throw ImageCodingError(
          .corrupt, "\(name): a sound OpenEXR image was expected, found a damaged one (\(reason))")
      }
    }
  }

  private static let capacity = 512

  /// Calls `body` with a buffer for a message.
  static func call(_ body: (_ message: exr_shim_message) -> exr_shim_status) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      buffer.initialize(repeating: 0)
      guard let text = buffer.baseAddress else {
        return Result(status: EXR_SHIM_OUT_OF_MEMORY, message: "out of memory")
      }
      let status = body(exr_shim_message(text: text, capacity: capacity))
      return Result(status: status, message: String(cString: text))
    }
  }

  /// Calls `body` with zero-terminated texts; null for `nil`.
  static func withCStrings<Value>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
  ) -> Value {
    func next(_ rest: ArraySlice<String?>, _ pointers: [UnsafePointer<CChar>?]) -> Value {
      guard let first = rest.first else { return pointers.withUnsafeBufferPointer { body($0.baseAddress) } }
      guard let text = first else { return next(rest.dropFirst(), pointers + [nil]) }
      return text.withCString { next(rest.dropFirst(), pointers + [$0]) }
    }
    return next(texts[...], [])
  }
}
