import Foundation
import ImageCoding
import TestSupport
import Testing
import VideoFrames

/// Videos as ffmpeg makes them.
@Suite(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"), .timeLimit(.minutes(10))) struct VideoReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A video of one color, `count` frames.
  private func makeVideo(
    _ name: String, color: String = "0x2060C0", size: String = "64x48", count: Int = 5, _ flags: [String]
  ) throws -> String {
    let path = folder / name
    let source = "color=c=\(color):s=\(size):r=25,format=gbrp"
    let arguments = ["-f", "lavfi", "-i", source, "-frames:v", "\(count)"] + flags + [path]
    try FFmpeg.run(arguments)
    return path
  }

  private func frames(_ video: Video, from first: Int = 0) throws -> [VideoFrame] {
    let reader = try VideoReader(video, from: first)
    var frames: [VideoFrame] = []
    while let frame = try reader.next() { frames.append(frame) }
    #expect(reader.complaint == nil)
    return frames
  }

  private static let h264 = ["-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p"]

  @Test func aVideoIsDescribed() async throws {
    try await onThread {
      let path = try makeVideo(
        "clip.mov",
        [
          "-c:v", "prores_ks", "-pix_fmt", "yuv422p10le", "-vf",
          "scale=out_color_matrix=bt709,setparams=colorspace=bt709", "-timecode", "10:00:00:00",
        ])
      let video = try Video(path: path)
      #expect((video.codec, video.pixelFormat) == ("prores", "yuv422p10le"))
      #expect((video.width, video.height, video.rotation) == (64, 48, 0))
      #expect(video.rate == Ratio("25") && video.expectedFrames == 5 && video.timecode == "10:00:00:00")
      #expect(video.colors.matrix == "bt709" && !video.colors.isFullRange && video.notes.isEmpty)
    }
  }

  /// The colors of the frames are those that the video was made of, whatever the matrix and the range.
  @Test(arguments: [
    ("hd.mp4", "1280x720", "bt709", "limited", []), ("sd.mp4", "64x48", "bt601", "limited", []),
    ("full.mp4", "64x48", "bt709", "full", ["-colorspace", "bt709", "-color_range", "pc"]),
    ("wide.mp4", "64x48", "bt2020", "limited", ["-colorspace", "bt2020nc"]),
    ("deep.mkv", "64x48", "bt709", "limited", ["-colorspace", "bt709", "-pix_fmt", "yuv444p10le"]),
  ]) func colorsAreThoseOfTheSource(name: String, size: String, matrix: String, range: String, flags: [String])
    async throws
  {
    try await onThread {
      let conversion = ["-vf", "scale=out_color_matrix=\(matrix):out_range=\(range)"]
      let path = try makeVideo(name, size: size, count: 2, conversion + Self.h264 + flags)
      let video = try Video(path: path)
      #expect(video.notes.isEmpty == !flags.isEmpty, "\(video.notes)")
      let frames = try frames(video)
      #expect(frames.count == 2)
      for frame in frames {
        let pixel = frame.image.pixels.prefix(3).map { Int($0) }
        #expect(zip(pixel, [0x20, 0x60, 0xC0]).allSatisfy { abs($0 - $1) <= 3 }, "\(pixel)")
      }
    }
  }

  @Test func aVideoWithoutFixedRateKeepsItsTimes() async throws {
    try await onThread {
      let path = try makeVideo(
        "vfr.mkv", count: 4, ["-vf", "setpts=N*N*2", "-fps_mode", "passthrough", "-enc_time_base", "1/25"] + Self.h264)
      let frames = try frames(Video(path: path))
      #expect(frames.map(\.position) == [0, 1, 2, 3])
      let times = frames.compactMap(\.seconds)
      #expect(zip(times, [0, 0.08, 0.32, 0.72]).allSatisfy { abs($0 - $1) < 0.002 } && times.count == 4, "\(times)")
    }
  }

  @Test func framesAreTurnedAsTheFileSays() async throws {
    try await onThread {
      let plain = try makeVideo("plain.mp4", count: 2, Self.h264)
      try FFmpeg.run(["-i", plain, "-c", "copy", "-metadata:s:v", "rotate=90", folder / "turned.mp4"])
      let video = try Video(path: folder / "turned.mp4")
      #expect((video.width, video.height) == (48, 64) && [90, 270].contains(video.rotation))
      #expect(try frames(video).map { [$0.image.width, $0.image.height] } == [[48, 64], [48, 64]])
    }
  }

  @Test func pixelsThatAreNotSquareAreNamed() async throws {
    try await onThread {
      let path = try makeVideo("wide.mp4", count: 2, ["-vf", "setsar=64/45"] + Self.h264)
      let video = try Video(path: path)
      #expect((video.width, video.height) == (64, 48) && video.pixelAspect == Ratio("64/45"))
      #expect(video.notes.contains("its pixels are not square (64/45); mattes have the same pixels"), "\(video.notes)")
      try FFmpeg.run(["-i", path, "-c", "copy", "-metadata:s:v", "rotate=90", folder / "turned.mp4"])
      #expect(try Video(path: folder / "turned.mp4").pixelAspect == Ratio("45/64"))
    }
  }

  @Test func readingBeginsAnywhere() async throws {
    try await onThread {
      let path = folder / "count.mkv"
      try FFmpeg.run(["-f", "lavfi", "-i", "testsrc=s=64x48:r=5", "-frames:v", "9", "-c:v", "ffv1", path])
      let video = try Video(path: path)
      let all = try frames(video)
      #expect(all.count == 9)
      let rest = try frames(video, from: 6)
      #expect(rest.map(\.position) == [6, 7, 8])
      #expect(rest.map(\.image) == all[6...].map(\.image) && rest.map(\.pts) == all[6...].map(\.pts))
      #expect(try frames(video, from: 9).isEmpty)
    }
  }

  @Test func aVideoThatEndsEarlyHasItsWholeFrames() async throws {
    try await onThread {
      let path = folder / "whole.mkv"
      try FFmpeg.run(["-f", "lavfi", "-i", "testsrc=s=320x240:r=5", "-frames:v", "9", "-c:v", "ffv1", path])
      let bytes = try folder.read("whole.mkv")
      try folder.write("cut.mkv", Array(bytes[..<(bytes.count * 6 / 10)]))
      let reader = try VideoReader(Video(path: folder / "cut.mkv"))
      var count = 0
      while try reader.next() != nil { count += 1 }
      #expect((3...6).contains(count), "\(count)")
      #expect(reader.complaint != nil)
    }
  }

  @Test func whatIsNoVideoIsRefused() async throws {
    try await onThread {
      try folder.write("text.mov", Array("no video".utf8))
      try folder.write("list.mp4", Array("ffconcat version 1.0\nfile '/etc/passwd'\n".utf8))
      for name in ["text.mov", "list.mp4", "away.mov"] {
        let error = #expect(throws: VideoError.self) { try Video(path: folder / name) }
        #expect(error?.code == .notVideo, "\(name): \(error?.message ?? "")")
      }
    }
  }

  @Test func framesBeyondTheLimitsAreRefused() async throws {
    try await onThread {
      let path = try makeVideo("clip.mp4", Self.h264)
      var limits = ImageLimits.default
      limits.maximumPixels = 1000
      let reader = try VideoReader(Video(path: path), limits: limits)
      let error = #expect(throws: VideoError.self) { try reader.next() }
      #expect(error?.code == .tooLarge)
    }
  }
}
