import FrameSequences
import Platform

/// What a run takes over from an earlier one into the same folder.
struct SequenceResumption {
  /// Frames of the earlier run, which are the first of this one.
  let records: [SequenceRecord]
  /// Frames whose results are not as the earlier run left them.
  private(set) var damaged: [Int] = []
  /// State to go on from; `nil` if the earlier run is complete.
  let state: SequenceJournal.State?
  /// People of the shot so far.
  let peopleCount: Int

  /// Remains of an earlier run; `nil` if there is nothing to take over.
  ///
  /// - Throws: ``Failure``: usage where the earlier run was another, bad data where its files are not what it wrote.
  init?(
    in folder: String, settings: SequenceSettings, frames: SequenceFrames, writer: SequenceWriter
  ) throws(Failure) {
    guard let earlier = try SequenceJournal.earlier(in: folder), earlier.isComplete || earlier.state != nil else {
      return nil
    }
    let differences = earlier.settings.differences(to: settings)
    guard differences.isEmpty else {
      throw Failure(
        .usage,
        "--resume: expected the settings of the earlier run into \(folder), found other "
          + "\(differences.joined(separator: ", ")); run without --resume to begin anew")
    }
    try Self.check(earlier, against: frames)
    (records, state) = (earlier.records, earlier.state)
    peopleCount = state?.shot.peopleCount ?? records.flatMap { $0.people.compactMap(\.number) }.max() ?? 0
    let people = peopleCount > 0 ? Array(1...peopleCount).filter(writer.isSelected) : []
    let folders = people.flatMap(writer.personFolders)
    damaged = records.indices.filter { index in
      let record = records[index]
      guard record.error == nil else { return false }
      let isWhole = record.outputs.allSatisfy { output in
        (try? FileSystem.byteCount(of: FilePath.join(folder, output.file))) == output.bytes
      }
      let hasPeople = folders.allSatisfy { name in
        FilePath.isThere(FilePath.join(folder, SequenceFolder.file(name, digits: record.digits)), as: .file)
      }
      return !isWhole || !hasPeople
    }
  }

  private static func check(_ earlier: SequenceJournal.Earlier, against frames: SequenceFrames) throws(Failure) {
    for (index, record) in earlier.records.enumerated() {
      let frame = frames.frame(at: index)
      guard let frame, frame.number == record.number, SequenceRecord(frame).source == record.source else {
        let found = frame.map { "frame \($0.number)" } ?? "no frame"
        throw Failure(
          .usage,
          "--resume: expected the frames of the earlier run, frame \(record.number) (\(record.source ?? "missing")) "
            + "among them, found \(found) in its place; run without --resume to begin anew")
      }
    }
    guard !earlier.isComplete || !frames.isCounted || earlier.records.count == frames.expectedCount else {
      throw Failure(
        .usage,
        "--resume: expected the \(earlier.records.count) frames of the earlier run, which is complete, found "
          + "\(frames.expectedCount); run without --resume to begin anew")
    }
  }

  /// Removes what an earlier run was writing when it was killed.
  static func removeTemporaries(in folder: String, _ writer: SequenceWriter) {
    let masks = writer.selection.masks.map(\.name)
    let folders = ((try? FileSystem.contents(of: folder)) ?? []).filter {
      SequenceFolder.isWritten($0, outputs: writer.outputs, masks: masks)
    }
    for path in [folder] + folders.map({ FilePath.join(folder, $0) }) {
      TemporaryFiles.sweep(besides: FilePath.join(path, "any"))
    }
  }
}
