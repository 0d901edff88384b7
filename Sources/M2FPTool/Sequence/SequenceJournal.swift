import Foundation
import HumanParsing
import Platform

/// The files that a run keeps beside its results, so that another can go on after any end, `kill -9` included.
///
/// While frames are written, `.sequence.frames` grows by a line for each, after its results are whole, and then
/// `.sequence.state` is replaced, which says how many of these lines count and holds what is known of the people.
/// `sequence.json`, the manifest, is made from them: at the start, now and then, and at the end, when the two are removed.
final class SequenceJournal {
  /// What `.sequence.state` holds.
  struct State: Codable {
    var frames: Int
    var byteCount: Int
    var shot: ShotState
  }

  /// What an earlier run left.
  struct Earlier {
    var settings: SequenceSettings
    var records: [SequenceRecord]
    /// Whether that run wrote all its frames.
    var isComplete: Bool
    /// State to go on from; `nil` after a complete run.
    var state: State?
  }

  /// The first line of the journal.
  private struct Header: Codable { var settings: SequenceSettings }

  private let folder: String
  private let settings: SequenceSettings
  private let file: AppendedFile
  private var frames: Int
  private var byteCount: Int
  private(set) var summary: ShotSummary
  private var lastManifest = ContinuousClock.now
  private var manifestDuration = Duration.zero

  static func manifest(in folder: String) -> String { FilePath.join(folder, "sequence.json") }
  private static func journal(in folder: String) -> String { FilePath.join(folder, ".sequence.frames") }
  private static func state(in folder: String) -> String { FilePath.join(folder, ".sequence.state") }

  /// Whether an earlier run wrote into the folder.
  ///
  /// - Throws: ``Failure`` (input or output) for a manifest that another program wrote.
  static func isThere(in folder: String) throws(Failure) -> Bool {
    if contents(of: journal(in: folder)) != nil { return true }
    guard let data = contents(of: manifest(in: folder)), !data.isEmpty else { return false }
    guard data.starts(with: Data(manifestStart.utf8)) else {
      throw Failure(
        .inputOutput,
        "\(Self.manifest(in: folder)): this file was not written by m2fp; --overwrite replaces it, another -o leaves it alone"
      )
    }
    return true
  }

  private static let manifestStart = "{\n\"complete\": "

  // MARK: Writing

  /// Begins a journal, and removes that of an earlier run.
  init(in folder: String, settings: SequenceSettings) throws(Failure) {
    do {
      try? FileSystem.removeFile(Self.state(in: folder))
      let header = try JSONText.data(Header(settings: settings)) + [UInt8(ascii: "\n")]
      try AtomicWriter.write(to: Self.journal(in: folder)) { try $0.write([UInt8](header)) }
      // Not before: one of the two says at any time that the results are this program's.
      try? FileSystem.removeFile(Self.manifest(in: folder))
      file = try AppendedFile(path: Self.journal(in: folder))
      (frames, byteCount, summary) = (0, header.count, ShotSummary())
    } catch {
      throw Self.failure(error, folder)
    }
    self.folder = folder
    self.settings = settings
    try writeManifest(isComplete: false)
  }

  /// Goes on with the journal of an earlier run, without what that run did not finish.
  init(in folder: String, settings: SequenceSettings, after state: State, _ records: [SequenceRecord]) throws(Failure) {
    do {
      file = try AppendedFile(path: Self.journal(in: folder), keeping: state.byteCount)
    } catch {
      throw Self.failure(error, folder)
    }
    (frames, byteCount, summary) = (state.frames, state.byteCount, ShotSummary())
    for record in records { summary.add(record) }
    self.folder = folder
    self.settings = settings
  }

  /// Takes note of the next frame, whose results are whole.
  func append(_ record: SequenceRecord, state: ShotState) throws(Failure) {
    do {
      let line = [UInt8](try JSONText.data(record)) + [UInt8(ascii: "\n")]
      try file.append(line)
      frames += 1
      byteCount += line.count
      let data = try JSONText.data(State(frames: frames, byteCount: byteCount, shot: state))
      try AtomicWriter.write(to: Self.state(in: folder)) { try $0.write([UInt8](data)) }
    } catch {
      throw Self.failure(error, folder)
    }
    summary.add(record)
    // A manifest takes time in proportion to the frames so far: a small share of the run is given to it.
    if ContinuousClock.now - lastManifest > max(.seconds(5), manifestDuration * 100) {
      try writeManifest(isComplete: false)
    }
  }

  /// Writes the manifest; once the run is complete, nothing else stays behind.
  func finish(isComplete: Bool) throws(Failure) {
    try writeManifest(isComplete: isComplete)
    guard isComplete else { return }
    try? FileSystem.removeFile(Self.state(in: folder))
    try? FileSystem.removeFile(Self.journal(in: folder))
  }

  private func writeManifest(isComplete: Bool) throws(Failure) {
    let start = ContinuousClock.now
    do {
      let journal = try InputFile(path: Self.journal(in: folder))
      let head = try Self.manifestHead(settings, summary, isComplete: isComplete)
      let (settings, byteCount) = (settings, byteCount)
      try AtomicWriter.write(to: Self.manifest(in: folder)) { output in
        try output.write([UInt8](head.utf8))
        let header = try JSONText.data(Header(settings: settings)).count + 1
        try Self.copyLines(of: journal, from: header, to: byteCount, into: output)
        try output.write([UInt8]("\n]\n}\n".utf8))
      }
    } catch {
      throw Self.failure(error, folder)
    }
    lastManifest = ContinuousClock.now
    manifestDuration = lastManifest - start
  }

  /// Part of the manifest before the frames.
  private static func manifestHead(
    _ settings: SequenceSettings, _ summary: ShotSummary, isComplete: Bool
  ) throws -> String {
    """
    \(manifestStart)\(isComplete),
    "settings": \(try JSONText.line(settings)),
    "people": \(try JSONText.line(summary.people)),
    "review": \(try JSONText.line(summary.review)),
    "frames": [
    """
  }

  /// Writes the manifest of a complete shot whose frames were written apart.
  static func write(
    _ records: [SequenceRecord], _ summary: ShotSummary, settings: SequenceSettings, in folder: String
  ) throws(Failure) {
    do {
      let head = try manifestHead(settings, summary, isComplete: true)
      let lines = try records.map { try JSONText.line($0) }.joined(separator: ",\n")
      try AtomicWriter.write(to: manifest(in: folder)) { try $0.write([UInt8]("\(head)\n\(lines)\n]\n}\n".utf8)) }
    } catch {
      throw failure(error, folder)
    }
  }

  /// Removes what earlier runs say of the results in a folder.
  static func remove(in folder: String) {
    for file in [state(in: folder), journal(in: folder), manifest(in: folder)] { try? FileSystem.removeFile(file) }
  }

  /// Copies lines, a comma between each two, through a small buffer.
  private static func copyLines(
    of journal: borrowing InputFile, from start: Int, to end: Int, into output: OutputFile
  ) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var isFirst = true
    var endsLine = true
    var offset = start
    while offset < end {
      let wanted = min(buffer.count, end - offset)
      let count = try read(journal, into: &buffer, count: wanted, at: offset)
      guard count > 0 else { break }
      var text: [UInt8] = []
      text.reserveCapacity(count + 256)
      for byte in buffer[..<count] {
        if endsLine {
          text += isFirst ? [UInt8(ascii: "\n")] : [UInt8(ascii: ","), UInt8(ascii: "\n")]
          (isFirst, endsLine) = (false, false)
        }
        if byte == UInt8(ascii: "\n") { endsLine = true } else { text.append(byte) }
      }
      try output.write(text)
      offset += count
    }
  }

  private static func read(
    _ journal: borrowing InputFile, into buffer: inout [UInt8], count: Int, at offset: Int
  ) throws(SystemError) -> Int {
    let result = buffer.withUnsafeMutableBytes { bytes in
      Result { () throws(SystemError) in
        try journal.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]), at: offset)
      }
    }
    return try result.get()
  }

  // MARK: Reading

  /// What an earlier run left in a folder; `nil` if there was none.
  ///
  /// - Throws: ``Failure`` (bad data) for files that no run left so.
  static func earlier(in folder: String) throws(Failure) -> Earlier? {
    if let data = contents(of: journal(in: folder)) { return try unfinished(data, in: folder) }
    guard let data = contents(of: manifest(in: folder)) else { return nil }
    struct Manifest: Decodable {
      var complete: Bool
      var settings: SequenceSettings
      var frames: [SequenceRecord]
    }
    do {
      let manifest = try JSONDecoder().decode(Manifest.self, from: data)
      return Earlier(
        settings: manifest.settings, records: manifest.frames, isComplete: manifest.complete, state: nil)
    } catch {
      throw refusal(Self.manifest(in: folder), error)
    }
  }

  private static func unfinished(_ journal: Data, in folder: String) throws(Failure) -> Earlier? {
    do {
      var lines = journal.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
      guard let header = lines.popFirst() else { return nil }
      let settings = try JSONDecoder().decode(Header.self, from: header).settings
      // Without a state no frame counts.
      guard let data = contents(of: state(in: folder)) else {
        return Earlier(settings: settings, records: [], isComplete: false, state: nil)
      }
      let state = try JSONDecoder().decode(State.self, from: data)
      guard state.byteCount <= journal.count, state.frames <= lines.count else {
        throw Failure(.badData, "expected \(state.frames) lines of frames, found fewer")
      }
      let records = try lines.prefix(state.frames).map { try JSONDecoder().decode(SequenceRecord.self, from: $0) }
      return Earlier(settings: settings, records: records, isComplete: false, state: state)
    } catch {
      throw refusal(Self.journal(in: folder), error)
    }
  }

  private static func contents(of path: String) -> Data? { (try? InputFile(path: path).contents()).map { Data($0) } }

  private static func refusal(_ path: String, _ error: any Error) -> Failure {
    Failure(
      .badData, "\(path): expected what `m2fp sequence` wrote, found something else (\(error)); run without --resume")
  }

  private static func failure(_ error: any Error, _ folder: String) -> Failure {
    if let failure = error as? Failure { return failure }
    return Failure(.inputOutput, "\(folder): the journal of the run cannot be written: \(error)")
  }
}
