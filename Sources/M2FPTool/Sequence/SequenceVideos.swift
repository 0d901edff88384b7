import FrameSequences
import Platform
import VideoFrames

/// Mattes of a shot as videos, made of the mattes' files when all of these are there.
struct SequenceVideos: Sendable {
  /// Folder of all results.
  let folder: String
  /// Codecs of the videos.
  let codecs: [VideoCodec]
  /// What the files' names begin with.
  let name: String
  /// Mattes that become videos, by the names of their folders; those of people are added when it is known who is there.
  let mattes: [String]
  /// Frames in a second.
  let rate: Ratio
  /// Writer of the mattes.
  var writer: SequenceWriter

  /// Name that the results of an input have: `clip.mov` and `clip.####.png` are `clip`.
  static func name(of frames: SequenceFrames, _ input: String) -> String {
    let file = FilePath.name(of: input)
    let stem = file.lastIndex(of: ".").map { $0 > file.startIndex ? file[..<$0] : file[...] } ?? file[...]
    guard case .files = frames else { return String(stem) }
    // Without the place of the number, which is last.
    let token = stem.lastIndex { !"#%@$0123456789dF-".contains($0) }
    let words = token.map { stem[...$0] } ?? ""
    let trimmed = words.reversed().drop { "._- ".contains($0) }.reversed()
    return trimmed.isEmpty ? "shot" : String(trimmed)
  }

  private func path(_ matte: String, _ codec: VideoCodec) -> String {
    FilePath.join(folder, "\(name).\(matte).\(codec.fileExtension)")
  }

  /// Writes the videos, until a signal.
  ///
  /// - Parameters:
  ///   - frames: The shot.
  ///   - keepsWhole: Whether videos that are there are whole, and stay.
  /// - Throws: ``Failure``, which names the video.
  func write(_ frames: SequenceFrames, keepsWhole: Bool) throws(Failure) {
    guard !codecs.isEmpty else { return }
    let records = try SequenceJournal.earlier(in: folder)?.records ?? []
    let mattes = mattes + personFolders(records)
    let paths = codecs.flatMap { codec in mattes.map { (codec, matte: $0, path: path($0, codec)) } }
    let missing = paths.filter { !keepsWhole || !FilePath.isThere($0.path, as: .file) }
    let shown = records.indices.filter { records[$0].error == nil }
    guard let first = shown.first else { return }
    if let other = shown.first(where: {
      records[$0].width != records[first].width || records[$0].height != records[first].height
    }) {
      throw Failure(
        .badData,
        "expected frames of one size for a video, found \(records[first].width) × \(records[first].height) and, in frame "
          + "\(records[other].number), \(records[other].width) × \(records[other].height)")
    }
    for (codec, matte, path) in missing where !Interrupt.isRequested {
      if !writer.replacesFiles, FilePath.isThere(path, as: .file) {
        throw Failure(
          .inputOutput,
          "\(path): this file was not written by m2fp; --overwrite replaces it, another -o leaves it alone")
      }
      logger.notice("writing \(path)")
      let files = shown.map { FilePath.join(folder, SequenceFolder.file(matte, digits: records[$0].digits)) }
      let encoder = VideoEncoder(
        mattes: files, plate: plate(of: frames, shown), rate: rate, timecode: timecode(of: frames, shown))
      do throws(VideoError) { _ = try encoder.write(to: path, codec) { Interrupt.isRequested } } catch {
        throw Failure(error, of: path)
      }
    }
  }

  /// Folders of the mattes of single people.
  private func personFolders(_ records: [SequenceRecord]) -> [String] {
    let count = records.flatMap { $0.people.compactMap(\.number) }.max() ?? 0
    return (0..<count).map { $0 + 1 }.filter(writer.isSelected).flatMap(writer.personFolders)
  }

  private func plate(of frames: SequenceFrames, _ shown: [Int]) -> VideoEncoder.Plate {
    switch frames {
    case .files(let list):
      return .pictures(
        shown.map { index in
          switch list[index].source {
          case .file(let path), .black(let path), .video(let path): path
          }
        })
    case .video(let selection):
      return .video(selection.video, positions: FrameRange(shown.compactMap(selection.position(at:))).ranges)
    }
  }

  /// The video's time code, where its first frame is the first of the results.
  private func timecode(of frames: SequenceFrames, _ shown: [Int]) -> String? {
    guard case .video(let selection) = frames, shown.first.flatMap(selection.position(at:)) == 0 else { return nil }
    return selection.video.timecode
  }
}
