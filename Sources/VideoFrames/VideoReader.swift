package import ImageCoding
import Platform

/// A frame of a video.
package struct VideoFrame: Sendable {
  /// Place of the frame in the video, from 0.
  package let position: Int
  /// Presentation time in the units of the stream, and in seconds; `nil` if ffmpeg does not say.
  package let pts: Int?
  package let seconds: Double?
  package let image: RGBImage
}

/// Reader of a video's frames, in their order, through ffmpeg: each once, whatever its time, rotated as the file asks for,
/// as 8-bit RGB. Of deeper samples the high byte is kept.
///
/// ffmpeg is as far ahead as a pipe holds, so that a few frames are in memory. One thread reads.
package final class VideoReader {
  private let process: ChildProcess
  private let messages: FFmpegMessages
  private var pixmaps: PortablePixmapReader
  private var position: Int

  /// Starts ffmpeg.
  ///
  /// - Parameters:
  ///   - video: The video to read.
  ///   - first: Place of the first frame to read; those before are decoded all the same.
  ///   - limits: Largest frame.
  /// - Throws: ``VideoError``, `noProgram`, where no pipe can be made.
  package init(_ video: Video, from first: Int = 0, limits: ImageLimits = .default) throws(VideoError) {
    let pipe: (reader: PipeReader, writeEnd: CInt)
    do { pipe = try PipeReader.open() } catch { throw .noProgram("ffmpeg", "\(error)") }
    let messages = FFmpegMessages()
    self.messages = messages
    pixmaps = PortablePixmapReader(pipe.reader, limits: limits)
    position = first
    process = ChildProcess(
      "ffmpeg", Self.arguments(video, from: first), output: pipe.writeEnd, lines: { messages.take($0) },
      whenEnded: { messages.end() })
  }

  deinit { process.stop() }

  private static func arguments(_ video: Video, from first: Int) -> [String] {
    let select = first > 0 ? "select=gte(n\\,\(first))," : ""
    let format = video.isDeep ? "rgb48be" : "rgb24"
    return ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "repeat+level+info"] + Video.input(video.path)
      + ["-map", "0:V:0", "-an", "-sn", "-dn"]
      + ["-vf", "\(select)showinfo=checksum=0,scale=\(video.colors.filterOptions),format=\(format)"]
      // Neither repeats frames nor leaves any out.
      + ["-fps_mode", "passthrough", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"]
  }

  /// The next frame; `nil` at the end of the video, once ffmpeg has ended without a failure.
  ///
  /// - Throws: ``VideoError``: `interrupted` where ffmpeg ended early, `tooLarge` for a frame beyond the limits. No frame
  ///   follows then.
  package func next() throws(VideoError) -> VideoFrame? {
    let image: RGBImage?
    do throws(PortablePixmapReader.Refusal) { image = try pixmaps.next() } catch { throw failure(error) }
    guard let image else {
      let end = process.wait()
      if end == .notFound { throw .noProgram("ffmpeg") }
      if let complaint = end.complaint { throw interrupted("ffmpeg \(complaint)") }
      return nil
    }
    let time = messages.nextTime()
    defer { position += 1 }
    return VideoFrame(position: position, pts: time?.pts, seconds: time?.seconds, image: image)
  }

  /// What ffmpeg could not read though it went on to the end, in one line; `nil` if it read all. To be asked at the end.
  package var complaint: String? { messages.lastErrors }

  /// Ends ffmpeg.
  package func stop() { process.stop() }

  private func failure(_ refusal: PortablePixmapReader.Refusal) -> VideoError {
    switch refusal {
    case .tooLarge(let width, let height):
      process.stop()
      return VideoError(.tooLarge, "frame \(position + 1) is \(width) × \(height), more pixels than are allowed")
    case .notPixmap:
      process.stop()
      return interrupted("ffmpeg wrote something else than pictures")
    case .system(let error):
      process.stop()
      return interrupted("the pipe from ffmpeg cannot be read (\(error))")
    case .cutOff:
      return interrupted("ffmpeg \(process.wait().complaint ?? "ended within a frame")")
    }
  }

  private func interrupted(_ what: String) -> VideoError {
    let reason = messages.lastErrors.map { ": \($0)" } ?? ""
    return VideoError(.interrupted, "expected frames to the video's end, found that \(what) after \(position)\(reason)")
  }
}
