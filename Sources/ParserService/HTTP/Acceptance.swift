extension ParseOptions.Acceptance {
  /// What an `Accept` header asks for: of JSON, PNG and ZIP, the one with the highest quality, the first of equals
  /// (RFC 9110, section 12.5.1). No header takes JSON.
  ///
  /// - Throws: `notAcceptable` where it takes none of them.
  package init(header: String?) throws(ServiceError) {
    guard let header, !header.allSatisfy(\.isWhitespace) else {
      self = .json
      return
    }
    var best: (quality: Double, acceptance: Self)?
    for range in header.split(separator: ",").prefix(64) {
      let fields = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
      guard let type = fields.first, let acceptance = Self(mediaRange: type) else { continue }
      let quality = fields.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if quality > best?.quality ?? 0 { best = (quality, acceptance) }
    }
    guard let best else {
      throw ServiceError(.notAcceptable, "answers are application/json, image/png or application/zip")
    }
    self = best.acceptance
  }

  private init?(mediaRange: String) {
    switch mediaRange {
    case "*/*", "application/*", "application/json": self = .json
    case "image/*", "image/png": self = .png
    case "application/zip": self = .zip
    default: return nil
    }
  }
}
