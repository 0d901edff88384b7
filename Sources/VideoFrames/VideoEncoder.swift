import Foundation
import Platform

/// How mattes are written as a video.
package enum VideoCodec: String, Sendable, CaseIterable {
  /// ProRes 4444 in QuickTime: the colors of the plate, the matte as straight alpha.
  case prores
  /// FFV1 in Matroska: the matte alone, 16-bit gray, without loss.
  case ffv1
  /// VP9 in WebM: the colors of the plate, the matte as straight alpha of 8 bits.
  case vp9

  /// How the file's name ends, without a dot.
  package var fileExtension: String {
    switch self {
    case .prores: "mov"
    case .ffv1: "mkv"
    case .vp9: "webm"
    }
  }

  private static let rgb = "format=gbrp16le"
  private static let scaling =
    "scale=out_color_matrix=bt709:out_range=limited:flags=bicubic+accurate_rnd+full_chroma_int"
  private static let tags = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited"

  /// Whether the plate's colors are part of the video.
  var hasColors: Bool { self != .ffv1 }

  /// The filters after colors and matte are one picture of 16-bit RGB with alpha, or of gray.
  fileprivate var filters: String {
    switch self {
    case .prores: "\(Self.scaling),format=yuva444p10le,\(Self.tags)"
    case .ffv1: "format=gray16le,setparams=range=full"
    case .vp9: "\(Self.scaling),format=yuva420p,\(Self.tags)"
    }
  }

  fileprivate var options: [String] {
    switch self {
    case .prores: ["-c:v", "prores_ks", "-profile:v", "4444", "-alpha_bits", "16", "-vendor", "apl0", "-f", "mov"]
    case .ffv1: ["-c:v", "ffv1", "-level", "3", "-f", "matroska"]
    case .vp9:
      // Two-pass reference frames do not go with alpha.
      ["-c:v", "libvpx-vp9", "-auto-alt-ref", "0", "-crf", "24", "-b:v", "0", "-row-mt", "1", "-f", "webm"]
    }
  }
}

/// Writer of a matte's video, through ffmpeg, from files of mattes and the frames that they belong to.
///
/// Frames follow each other at a constant rate, whatever their times. The file appears whole or not at all.
package struct VideoEncoder: Sendable {
  /// Where the colors of the plate come from.
  package enum Plate: Sendable {
    /// Frames of a video by their places in it, ascending, as ranges with a step.
    case video(Video, positions: [(first: Int, last: Int, step: Int)])
    /// Paths of pictures, one for each matte.
    case pictures([String])

    /// Width of a pixel over its height, as ffmpeg reads it.
    fileprivate var pixelAspect: String {
      if case .video(let video, _) = self, let aspect = video.pixelAspect { "\(aspect)" } else { "1" }
    }
  }

  /// Paths of gray PNG files, in order.
  let mattes: [String]
  let plate: Plate
  let rate: Ratio
  /// Time code of the first frame.
  let timecode: String?

  package init(mattes: [String], plate: Plate, rate: Ratio, timecode: String? = nil) {
    self.mattes = mattes
    self.plate = plate
    self.rate = rate
    self.timecode = timecode
  }

  /// Writes the video.
  ///
  /// - Parameters:
  ///   - path: The file; one that is there is replaced.
  ///   - codec: How to encode.
  ///   - isCancelled: Asked many times a second; true ends ffmpeg.
  /// - Returns: False if the writing was cancelled.
  /// - Throws: ``VideoError``: `noProgram` or `notWritten`.
  package func write(to path: String, _ codec: VideoCodec, isCancelled: () -> Bool) throws(VideoError) -> Bool {
    let folder = try Self.temporaryFolder(beside: path)
    defer { FileSystem.removeTree(folder.path) }
    let result = "\(folder.path)/video.\(codec.fileExtension)"
    let arguments = try arguments(codec, in: folder.path) + [Self.file(result)]
    let messages = FFmpegMessages()
    let process = ChildProcess("ffmpeg", arguments, lines: { messages.take($0) })
    while !process.hasEnded {
      if isCancelled() { process.stop() }
      Thread.sleep(forTimeInterval: 0.02)
    }
    let end = process.wait()
    if isCancelled() { return false }
    if end == .notFound { throw .noProgram("ffmpeg") }
    if let complaint = end.complaint {
      throw VideoError(
        .notWritten,
        "expected ffmpeg to write the video, found that it \(complaint): \(messages.lastErrors ?? "it does not say why")"
      )
    }
    do throws(SystemError) {
      // To append nothing forces what is there to the disk.
      try AppendedFile(path: result).append([])
      try FileSystem.move(result, to: path)
    } catch {
      throw VideoError(.notWritten, "expected to put the video in its place, found that it cannot be: \(error)")
    }
    return true
  }

  private static func temporaryFolder(beside path: String) throws(VideoError) -> TemporaryFolderFile {
    do throws(SystemError) { return try TemporaryFolderFile(beside: path) } catch {
      throw VideoError(.notWritten, "expected a folder for the video, found that none can be made: \(error)")
    }
  }

  // MARK: ffmpeg's arguments

  /// A path that ffmpeg takes for a file, whatever it begins with.
  private static func file(_ path: String) -> String { "file:\(path)" }

  private func arguments(_ codec: VideoCodec, in folder: String) throws(VideoError) -> [String] {
    var arguments = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "repeat+level+error", "-y"]
    arguments += try list(mattes, "\(folder)/mattes.txt")
    // Each frame by its number, so that the two go together whatever times their files have.
    let timing = "settb=\(rate.denominator)/\(rate.numerator),setpts=N,setsar=\(plate.pixelAspect)"
    let matte = "[0:v]\(timing),format=gray16le"
    guard codec.hasColors else {
      return arguments + ["-filter_complex", "\(matte),\(codec.filters)"] + output(codec)
    }
    let colors: String
    switch plate {
    case .video(let video, let positions):
      arguments += Video.input(video.path)
      colors = "[1:V:0]select=\(Self.expression(positions)),\(timing),scale=\(video.colors.filterOptions)"
    case .pictures(let paths):
      arguments += try list(paths, "\(folder)/plate.txt")
      colors = "[1:v]\(timing),scale=out_range=full"
    }
    let merged = "[c][a]mergeplanes=0x00010210:gbrap16le,\(codec.filters)"
    return arguments + ["-filter_complex", "\(matte)[a];\(colors),format=gbrp16le[c];\(merged)"] + output(codec)
  }

  private func output(_ codec: VideoCodec) -> [String] {
    let timecode = codec == .prores ? timecode.map { ["-timecode", $0] } ?? [] : []
    // The same bytes at any time, with the same ffmpeg.
    return ["-r", "\(rate)"] + codec.options + timecode + ["-map_metadata", "-1", "-fflags", "+bitexact"]
      + ["-flags", "+bitexact"]
  }

  /// Writes a list of files for ffmpeg's `concat` demuxer, which reads them one after another.
  private func list(_ paths: [String], _ path: String) throws(VideoError) -> [String] {
    var text = Array("ffconcat version 1.0\n".utf8)
    for name in paths {
      guard !name.contains(where: \.isNewline) else {
        throw VideoError(.notWritten, "expected names of files without line breaks, found \(name.debugDescription)")
      }
      let absolute = FileSystem.canonicalPath(name) ?? name
      text +=
        Array("file '".utf8) + PathText.bytes(absolute.replacing("'", with: "'\\''")) + Array("'\nduration 1\n".utf8)
    }
    do throws(SystemError) {
      try text.withUnsafeBytes { bytes in Result { () throws(SystemError) in try OutputFile.create(path, bytes) } }
        .get()
    } catch {
      throw VideoError(.notWritten, "expected to list the mattes for ffmpeg, found that it cannot be: \(error)")
    }
    return ["-protocol_whitelist", "file", "-f", "concat", "-safe", "0", "-i", Self.file(path)]
  }

  /// Whether the frame `n` is one of the places, in ffmpeg's language of expressions.
  private static func expression(_ positions: [(first: Int, last: Int, step: Int)]) -> String {
    positions.map { range in
      let isWithin = "between(n\\,\(range.first)\\,\(range.last))"
      return range.step == 1 ? isWithin : "\(isWithin)*not(mod(n-\(range.first)\\,\(range.step)))"
    }.joined(separator: "+")
  }
}
