/// What becomes of a frame that is asked for and not there.
package enum MissingFramePolicy: String, Sendable, CaseIterable {
  /// Nothing begins; the gaps are listed.
  case error
  /// Its number is left out.
  case skip
  /// It counts as a black picture without people.
  case black
  /// The nearest frame stands in for it, of two the earlier one.
  case nearest
}

/// A frame to process.
package struct SequenceFrame: Sendable, Hashable {
  package enum Source: Sendable, Hashable {
    case file(path: String)
    /// A black picture of the size of another frame's.
    case black(sizeOf: String)
    /// A frame of a video.
    case video(path: String)
  }

  package var number: Int
  /// The number as the results' names spell it.
  package var digits: String
  package var source: Source
  /// Number of the frame that stands in for this one, which is missing.
  package var replacement: Int?

  package init(number: Int, digits: String, source: Source, replacement: Int? = nil) {
    self.number = number
    self.digits = digits
    self.source = source
    self.replacement = replacement
  }
}

/// The frames of a run, by number.
package struct FrameList: Sendable, Hashable {
  package let frames: [SequenceFrame]
  /// Numbers that were asked for and are not there.
  package let missing: FrameRange

  /// - Parameters:
  ///   - pattern: Spells the numbers of frames that are missing.
  ///   - found: Frames that are there, ascending, at least one.
  ///   - range: Frames that are asked for; `nil` for all from the first that is there to the last.
  ///   - policy: What becomes of frames that are missing.
  /// - Throws: ``FrameSequenceError``: `missingFrames` with the list of them where they are an error, or where none of
  ///   the frames is there.
  package init(
    pattern: FramePattern, found: [FoundFrame], range: FrameRange?, missing policy: MissingFramePolicy
  ) throws(FrameSequenceError) {
    let byNumber = Dictionary(found.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    let wanted: [Int]
    if let range { wanted = range.numbers } else { wanted = try Self.all(of: found, pattern) }
    let gaps = wanted.filter { byNumber[$0] == nil }
    missing = FrameRange(gaps)
    guard gaps.count < wanted.count else {
      throw FrameSequenceError(
        .missingFrames, "\(pattern.path): expected frames \(FrameRange(wanted)), found none of them")
    }
    guard gaps.isEmpty || policy != .error else {
      throw FrameSequenceError(
        .missingFrames,
        "\(pattern.path): expected frames without gaps, found that \(missing) \(gaps.count == 1 ? "is" : "are") missing; "
          + "--missing skip, black or nearest goes on without")
    }
    var list: [SequenceFrame] = []
    for number in wanted {
      if let frame = byNumber[number] {
        list.append(SequenceFrame(number: number, digits: frame.digits, source: .file(path: frame.path)))
      } else if policy != .skip, let other = Self.nearest(to: number, among: found) {
        list.append(
          SequenceFrame(
            number: number, digits: pattern.digits(of: number),
            source: policy == .black ? .black(sizeOf: other.path) : .file(path: other.path),
            replacement: policy == .black ? nil : other.number))
      }
    }
    frames = list
  }

  private static func all(of found: [FoundFrame], _ pattern: FramePattern) throws(FrameSequenceError) -> [Int] {
    guard let first = found.first?.number, let last = found.last?.number else { return [] }
    // A stray file with a date for its number must not fill the memory with what is missing.
    guard last - first < FrameRange.mostNumbers else {
      throw FrameSequenceError(
        .missingFrames,
        "\(pattern.path): expected at most \(FrameRange.mostNumbers) frames, found numbers from \(first) to \(last)")
    }
    return Array(first...last)
  }

  private static func nearest(to number: Int, among found: [FoundFrame]) -> FoundFrame? {
    var low = 0
    var high = found.count
    while low < high {
      let middle = (low + high) / 2
      if found[middle].number < number { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return found.first }
    guard low < found.count else { return found.last }
    return found[low].number - number < number - found[low - 1].number ? found[low] : found[low - 1]
  }
}
