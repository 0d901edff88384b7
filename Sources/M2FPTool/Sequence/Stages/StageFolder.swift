import Digests
import Foundation
import FrameSequences
import HumanParsing
import Platform

/// The files that the stages of a shot hand on: what is seen in each frame, who is who in the shot, and what was written of
/// each frame. Each appears whole or not at all, so that tasks may be killed and started again at any time.
struct StageFolder: Sendable {
  /// Path of the folder, within that of the results.
  let path: String

  init(in folder: String) { path = FilePath.join(folder, ".sequence.stages") }

  func prepare() throws(Failure) { try ResultFolder.prepare(path) }

  func remove() { FileSystem.removeTree(path) }

  private func file(_ kind: String, _ frame: SequenceFrame, _ ending: String) -> String {
    FilePath.join(path, "\(kind).\(frame.digits).\(ending)")
  }

  // MARK: Frames that are analyzed

  private func analysisFile(_ frame: SequenceFrame) -> String { file("analysis", frame, "safetensors") }

  func write(_ analysis: FrameAnalysis, _ observation: FrameObservation?, of frame: SequenceFrame) throws(Failure) {
    do {
      try ObservationFile.write(observation, note: JSONText.line(analysis), to: analysisFile(frame))
    } catch { throw Failure(error) }
  }

  /// What is said of a frame; `nil` if nothing is.
  ///
  /// - Throws: ``Failure`` (bad data) for what `m2fp sequence analyze` did not write.
  func analysis(of frame: SequenceFrame) throws(Failure) -> FrameAnalysis? {
    let path = analysisFile(frame)
    guard FilePath.isThere(path, as: .file) else { return nil }
    do {
      guard let note = try ObservationFile.note(in: path) else { throw Failure(.badData, "it has no note") }
      return try JSONDecoder().decode(FrameAnalysis.self, from: Data(note.utf8))
    } catch { throw foreign(path, "analyze", error) }
  }

  /// What the network says of a frame.
  func observation(of frame: SequenceFrame) throws(Failure) -> FrameObservation {
    let path = analysisFile(frame)
    do {
      guard let observation = try ObservationFile.observation(in: path) else {
        throw Failure(.badData, "it has nothing of the network")
      }
      return observation
    } catch { throw foreign(path, "analyze", error) }
  }

  // MARK: The shot

  private var linkFile: String { FilePath.join(path, "link.json") }

  func write(_ link: SequenceLink) throws(Failure) { try write(link, to: linkFile) }

  /// Who is who in the shot, and the digest of the file; `nil` if there is none.
  func link() throws(Failure) -> (link: SequenceLink, digest: String)? {
    guard let data = contents(of: linkFile) else { return nil }
    do {
      let link = try JSONDecoder().decode(SequenceLink.self, from: data)
      return (link, SHA256Digest(of: data).hexadecimal(prefix: 32))
    } catch { throw foreign(linkFile, "link", error) }
  }

  // MARK: Frames that are rendered

  func write(_ rendered: RenderedFrame, of frame: SequenceFrame) throws(Failure) {
    try write(rendered, to: file("frame", frame, "json"))
  }

  /// What was written of a frame; `nil` if nothing is known.
  func rendered(_ frame: SequenceFrame) -> RenderedFrame? {
    contents(of: file("frame", frame, "json")).flatMap { try? JSONDecoder().decode(RenderedFrame.self, from: $0) }
  }

  // MARK: Files

  private func write(_ value: some Encodable, to file: String) throws(Failure) {
    do {
      let data = [UInt8](try JSONText.data(value))
      try AtomicWriter.write(to: file) { try $0.write(data) }
    } catch { throw Failure(.inputOutput, "\(file): \(error)") }
  }

  private func contents(of file: String) -> Data? { (try? InputFile(path: file).contents()).map { Data($0) } }

  private func foreign(_ file: String, _ stage: String, _ error: any Error) -> Failure {
    Failure(
      .badData,
      "\(file): expected what `m2fp sequence \(stage)` wrote, found something else (\(Failure(error).message)); run it again"
    )
  }
}

/// What was written of a frame, and the digest of the file of the shot that it was written for.
struct RenderedFrame: Codable, Sendable {
  var link: String
  var record: SequenceRecord
}
