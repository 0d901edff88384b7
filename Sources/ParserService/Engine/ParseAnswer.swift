package import HumanParsing
package import NIOCore

/// A computed answer, as it is kept and sent.
package struct ParseAnswer: Sendable {
  package enum Content: String, Sendable {
    case json = "application/json; charset=utf-8"
    case png = "image/png"
    case zip = "application/zip"
  }

  package let content: Content
  /// Everything but what differs from one sending to the next.
  package let body: ByteBuffer
  /// Whether `body` is a JSON object that wants `cached`, `timing_ms` and its end.
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

  /// About the memory that the answer takes.
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

  /// As the `Server-Timing` header has it.
  package var serverTiming: String {
    [
      ("decode", timings.decode), ("preprocess", timings.preprocess), ("forward", timings.forward),
      ("postprocess", timings.postprocess), ("encode", timings.encode),
    ].map { "\($0);dur=\($1.tenths)" }.joined(separator: ", ")
  }
}

extension Double {
  /// With one digit after the point.
  fileprivate var tenths: Double { (self * 10).rounded() / 10 }
}
