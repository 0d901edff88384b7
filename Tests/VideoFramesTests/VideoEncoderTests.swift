import Foundation
import ImageCoding
import TestSupport
import Testing
import VideoFrames

/// Videos of mattes, read again through ffmpeg.
@Suite(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"), .timeLimit(.minutes(10))) struct VideoEncoderTests {
  let folder: TemporaryFolder
  static let (width, height) = (64, 48)
  /// Places of the frames that have mattes.
  static let positions = [2, 4, 6, 8]

  init() throws { folder = try TemporaryFolder() }

  /// A matte with a soft edge that moves from frame to frame, 0 to 65535.
  private static func matte(_ index: Int) -> [UInt16] {
    (0..<width * height).map { UInt16(min(max(($0 % width - 20 - 4 * index) * 6000, 0), 65_535)) }
  }

  private func makeMattes() throws -> [String] {
    try Self.positions.indices.map { index in
      let matte = try Gray16Image(width: Self.width, height: Self.height, pixels: Self.matte(index))
      return try folder.write("matte.\(index).png", matte.pngData())
    }
  }

  /// A video of blurred noise, whose pixels are twice as wide as high.
  private func makePlate() throws -> Video {
    let path = folder / "plate.mkv"
    let source = "testsrc=s=\(Self.width)x\(Self.height):r=25,gblur=4,setsar=2,format=gbrp"
    try FFmpeg.run(["-f", "lavfi", "-i", source, "-frames:v", "9", "-c:v", "ffv1", path])
    return try Video(path: path)
  }

  private func encoder(_ video: Video) throws -> VideoEncoder {
    try VideoEncoder(
      mattes: makeMattes(), plate: .video(video, positions: [(2, 8, 2)]), rate: #require(Ratio("25")),
      timecode: "10:00:00:00")
  }

  /// Frames of a video, the samples of each.
  private static func samples(_ path: String) throws -> [[UInt8]] {
    let reader = try VideoReader(Video(path: path))
    var frames: [[UInt8]] = []
    while let frame = try reader.next() { frames.append(frame.image.pixels) }
    return frames
  }

  /// Mean difference of samples.
  private static func difference(_ one: [[UInt8]], _ other: [[UInt8]]) -> Double {
    guard one.map(\.count) == other.map(\.count), !one.isEmpty else { return .infinity }
    let sum = zip(one.joined(), other.joined()).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(one.joined().count)
  }

  /// The mattes as pictures of 8-bit RGB.
  private static var mattes: [[UInt8]] {
    positions.indices.map { index in matte(index).flatMap { Array(repeating: UInt8($0 >> 8), count: 3) } }
  }

  @Test(arguments: [VideoCodec.prores, .vp9])
  func colorsAndAlphaAreThoseOfFramesAndMattes(codec: VideoCodec) async throws {
    try await onThread {
      let plate = try makePlate()
      let path = folder / "result.\(codec.fileExtension)"
      #expect(try encoder(plate).write(to: path, codec) { false })
      let video = try Video(path: path)
      #expect((video.width, video.height, video.rate?.value) == (Self.width, Self.height, 25))
      #expect(video.colors.matrix == "bt709" && video.colors.notes.isEmpty, "\(video)")
      #expect(video.pixelAspect == Ratio("2"))
      if codec == .prores { #expect(video.timecode == "10:00:00:00") }
      let shown = try Self.samples(plate.path)
      #expect(Self.difference(try Self.samples(path), Self.positions.map { shown[$0] }) < 4)
      let decoder = codec == .vp9 ? ["-c:v", "libvpx-vp9"] : []
      let planes = "extractplanes=a,format=gray,setparams=range=full"
      try FFmpeg.run(decoder + ["-i", path, "-vf", planes, "-c:v", "ffv1", folder / "alpha.mkv"])
      #expect(Self.difference(try Self.samples(folder / "alpha.mkv"), Self.mattes) < 4)
      #expect(!folder.contents.contains { $0.hasPrefix(".") })
    }
  }

  @Test func grayIsKeptWithoutLoss() async throws {
    try await onThread {
      let encoder = try encoder(makePlate())
      #expect(try encoder.write(to: folder / "result.mkv", .ffv1) { false })
      let video = try Video(path: folder / "result.mkv")
      #expect(video.pixelFormat == "gray16le" && video.pixelAspect == Ratio("2") && video.rate?.value == 25)
      try FFmpeg.run(["-i", video.path, "-f", "rawvideo", folder / "result.gray"])
      let values = Self.positions.indices.flatMap(Self.matte)
      #expect(try folder.read("result.gray") == values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
      let bytes = try folder.read("result.mkv")
      #expect(try encoder.write(to: video.path, .ffv1) { false })
      #expect(try folder.read("result.mkv") == bytes)
    }
  }

  @Test func picturesAreAPlateToo() async throws {
    try await onThread {
      try FFmpeg.run(["-i", makePlate().path, "-vf", "setsar=1", "-pix_fmt", "rgb24", folder / "plate it's %d.png"])
      let paths = Self.positions.map { folder / "plate it's \($0 + 1).png" }
      let encoder = VideoEncoder(mattes: try makeMattes(), plate: .pictures(paths), rate: Ratio(rate: 23.976))
      #expect(try encoder.write(to: folder / "result.mov", .prores) { false })
      let video = try Video(path: folder / "result.mov")
      #expect(video.rate == Ratio("24000/1001") && video.pixelAspect == nil)
      let shown = try paths.map { try RGBImage(contentsOf: URL(filePath: $0)).pixels }
      #expect(Self.difference(try Self.samples(video.path), shown) < 4)
    }
  }

  @Test func whatIsNotFinishedIsNotThere() async throws {
    try await onThread {
      let encoder = try encoder(makePlate())
      #expect(try !encoder.write(to: folder / "result.mov", .prores) { true })
      try folder.write("matte.1.png", [1])
      let error = #expect(throws: VideoError.self) {
        try VideoEncoder(mattes: [folder / "away.png"], plate: .pictures([folder / "away.png"]), rate: Ratio(rate: 24))
          .write(to: folder / "result.mov", .prores) { false }
      }
      #expect(error?.code == .notWritten, "\(error?.message ?? "")")
      #expect(throws: VideoError.self) { try encoder.write(to: folder / "away/result.mov", .prores) { false } }
      #expect(!folder.contents.contains { $0.hasPrefix(".") || $0.contains("result") }, "\(folder.contents)")
    }
  }
}
