import Foundation
import Platform

/// A video file, as ffprobe describes it.
package struct Video: Sendable, Equatable {
  package let path: String
  /// Size in bytes.
  package let byteCount: Int
  package let codec: String
  /// Layout of the samples as ffmpeg names it, such as `yuv420p10le`.
  package let pixelFormat: String
  /// Pixels in a row and rows of a frame as it is shown, that is, rotated.
  package let width: Int
  package let height: Int
  /// By how many degrees frames are turned before they are shown, a multiple of 90 from 0 to 270, counterclockwise.
  package let rotation: Int
  /// Width of a pixel over its height as it is shown; `nil` for square pixels, and if the file does not say.
  package let pixelAspect: Ratio?
  /// Frames in a second, on average; `nil` if the file does not say.
  package let rate: Ratio?
  /// Frames that the file says it has, or as many as its duration asks for; the true number is known at the end.
  package let expectedFrames: Int?
  /// Time code of the first frame.
  package let timecode: String?
  package let colors: VideoColors
  /// What whoever uses the frames should know.
  package let notes: [String]

  /// Samples of more than 8 bits.
  var isDeep: Bool { pixelFormat.hasSuffix("le") || pixelFormat.hasSuffix("be") }

  /// Asks ffprobe about a file.
  ///
  /// - Throws: ``VideoError``: `noProgram`, or `notVideo`.
  package init(path: String) throws(VideoError) {
    let arguments =
      ["-hide_banner", "-loglevel", "error"] + Self.input(path)
      + ["-select_streams", "V:0", "-show_entries", Self.entries, "-of", "json"]
    let (end, output, errors) = ChildProcess.output(of: "ffprobe", arguments)
    switch end {
    case .exited(0): break
    case .notFound: throw .noProgram("ffprobe")
    case .failed(let reason): throw .noProgram("ffprobe", reason)
    case .exited, .signaled:
      let lines = errors.split(whereSeparator: \.isNewline).map { FFmpegMessages.withoutMarks(String($0)) }
      let reason = lines.last.map { line in
        line.hasPrefix("file:\(path): ") ? "\(line.dropFirst(path.count + 7))" : line
      }
      throw VideoError(
        .notVideo, "expected a video that ffmpeg can read, found that it cannot: \(reason ?? end.complaint ?? "")")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let answer = try? decoder.decode(Answer.self, from: Data(output)) else {
      throw VideoError(.notVideo, "expected ffprobe to describe the video, found an answer that cannot be read")
    }
    guard let stream = answer.streams?.first, let width = stream.width, let height = stream.height, width > 0,
      height > 0
    else { throw VideoError(.notVideo, "expected a video, found a file without one") }
    self.init(path: path, stream, answer.format, width: width, height: height)
  }

  private init(path: String, _ stream: Answer.Stream, _ format: Answer.Format?, width: Int, height: Int) {
    self.path = path
    byteCount = (try? FileSystem.byteCount(of: path)) ?? 0
    codec = stream.codecName ?? "unknown"
    pixelFormat = stream.pixFmt ?? "unknown"
    let turn = Int((stream.sideDataList?.compactMap(\.rotation).first ?? 0).rounded())
    rotation = ((turn % 360) + 360) % 360 / 90 * 90
    (self.width, self.height) = rotation % 180 == 0 ? (width, height) : (height, width)
    let aspect = stream.sampleAspectRatio.flatMap { Ratio($0.replacing(":", with: "/")) }
    let isSquare = aspect.map { $0.numerator == $0.denominator } ?? true
    pixelAspect = isSquare ? nil : rotation % 180 == 0 ? aspect : aspect?.inverse
    rate = stream.avgFrameRate.flatMap { Ratio($0) } ?? stream.rFrameRate.flatMap { Ratio($0) }
    let seconds = (stream.duration ?? format?.duration).flatMap { Double($0) }
    let counted = stream.nbFrames.flatMap { Int($0) }
    if let counted, counted > 0 {
      expectedFrames = counted
    } else if let seconds, let rate, seconds > 0, seconds * rate.value < 1e9 {
      expectedFrames = Int((seconds * rate.value).rounded())
    } else {
      expectedFrames = nil
    }
    timecode = stream.tags?.timecode ?? format?.tags?.timecode
    colors = VideoColors(
      pixelFormat: pixelFormat, space: stream.colorSpace, range: stream.colorRange, transfer: stream.colorTransfer,
      width: width, height: height)
    let isInterlaced = ["tt", "bb", "tb", "bt"].contains(stream.fieldOrder ?? "")
    notes =
      colors.notes + (isInterlaced ? ["the video is interlaced; its frames are taken as they are"] : [])
      + (pixelAspect.map { ["its pixels are not square (\($0)); mattes have the same pixels"] } ?? [])
  }

  /// The options that have ffmpeg and ffprobe read a file, and nothing else that the file may name.
  static func input(_ path: String) -> [String] { ["-protocol_whitelist", "file", "-i", "file:\(path)"] }

  /// What ffprobe is asked for; tags of a file may hold anything, so only those that are needed.
  private static let entries =
    "stream=codec_name,width,height,sample_aspect_ratio,pix_fmt,color_range,color_space,color_transfer,field_order,avg_frame_rate,"
    + "r_frame_rate,nb_frames,duration:stream_tags=timecode:stream_side_data=rotation:format=duration:"
    + "format_tags=timecode"
}

/// ffprobe's answer, by its own names in camel case.
private struct Answer: Decodable {
  struct Tags: Decodable { var timecode: String? }

  struct SideData: Decodable { var rotation: Double? }

  struct Stream: Decodable {
    var codecName: String?
    var width: Int?
    var height: Int?
    var sampleAspectRatio: String?
    var pixFmt: String?
    var colorRange: String?
    var colorSpace: String?
    var colorTransfer: String?
    var fieldOrder: String?
    var avgFrameRate: String?
    var rFrameRate: String?
    var nbFrames: String?
    var duration: String?
    var tags: Tags?
    var sideDataList: [SideData]?
  }

  struct Format: Decodable {
    var duration: String?
    var tags: Tags?
  }

  var streams: [Stream]?
  var format: Format?
}
