package import HumanParsing
package import NIOCore

/// A computed response, in the form in which it is cached and sent.
package struct EncodedResponse: Sendable {
  package enum Content: String, Sendable {
    case json = "application/json; charset=utf-8"
    case png = "image/png"
    case zip = "application/zip"
  }

  package let content: Content
  /// The part of the body that is the same each time the response is sent.
  package let body: ByteBuffer
  /// Whether `body` is a JSON object without its last members, `cached` and `timing_ms`, and its closing brace.
  package let isOpen: Bool
  package let timings: Timings

  package init(form: ParseOptions.Form, body: ByteBuffer, timings: Timings) {
    content =
      switch form {
      case .parse, .masks: .json
      case .picture: .png
      case .archive: .zip
      }
    isOpen = form == .parse
    self.body = body
    self.timings = timings
  }

  /// Approximate memory of the response.
  package var byteCount: Int { body.readableBytes + 256 }

  /// The bytes to send.
  package func bytes(cached: Bool) -> [ByteBuffer] {
    guard isOpen else { return [body] }
    let end = """
      ,"cached":\(cached),"timing_ms":{"decode":\(timings.decode.tenths),"preprocess":\(timings.preprocess.tenths),\
      "forward":\(timings.forward.tenths),"postprocess":\(timings.postprocess.tenths),\
      "encode":\(timings.encode.tenths)}}

      """
    return [body, ByteBuffer(string: end)]
  }

  /// Value of the `Server-Timing` header.
  package var serverTiming: String {
    [
      ("decode", timings.decode), ("preprocess", timings.preprocess), ("forward", timings.forward),
      ("postprocess", timings.postprocess), ("encode", timings.encode),
    ].map { "\($0);dur=\($1.tenths)" }.joined(separator: ", ")
  }
}

extension Double {
  /// The value rounded to one decimal.
  fileprivate var tenths: Double { (self * 10).rounded() / 10 }
}
