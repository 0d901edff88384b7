import HumanParsing

/// What `m2fp parse --json` prints for a picture, on one line.
struct ParseLine: Encodable {
  /// The picture as the user named it.
  let input: String
  var outputs: [String]?
  var summary: ParsingSummary?
  var isSkipped = false
  var failure: Failure?

  private enum CodingKeys: String, CodingKey {
    case input, outputs, skipped, error, status
  }

  /// The summary's members stand beside the line's own.
  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(input, forKey: .input)
    try values.encodeIfPresent(outputs, forKey: .outputs)
    if isSkipped { try values.encode(true, forKey: .skipped) }
    try values.encodeIfPresent(failure?.message, forKey: .error)
    try values.encodeIfPresent(failure?.status.rawValue, forKey: .status)
    try summary?.encode(to: encoder)
  }

  func write() throws(Failure) {
    let text: String
    do { text = try JSONText.line(self) } catch { throw Failure(error) }
    try StandardStream.writeResult(text)
  }
}
