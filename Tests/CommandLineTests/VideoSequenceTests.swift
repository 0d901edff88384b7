import Foundation
import ImageCoding
import TestSupport
import Testing
import VideoFrames

/// `m2fp sequence` of videos.
@Suite(.serialized, .timeLimit(.minutes(10))) struct VideoSequenceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func arguments(_ video: String, into out: String = "out", _ flags: [String] = []) -> [String] {
    ["sequence", folder / video, "-o", folder / out, "--output", "mattes,people", "--parts", "hair"] + flags
  }

  private func manifest(_ out: String = "out") throws -> [String: Any] {
    let data = Data(try folder.read("\(out)/sequence.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func frames(_ out: String = "out") throws -> [[String: Any]] {
    try #require(try manifest(out)["frames"] as? [[String: Any]])
  }

  /// Bytes of the pictures.
  private func results(_ out: String = "out") throws -> [String: [UInt8]] {
    var results: [String: [UInt8]] = [:]
    for name in folder.contents where name.hasPrefix(out + "/") && name.hasSuffix(".png") {
      results[String(name.dropFirst(out.count + 1))] = try folder.read(name)
    }
    return results
  }

  private func expectSameResults(_ out: String, as other: String) throws {
    let (own, others) = (try results(out), try results(other))
    #expect(own.keys.sorted() == others.keys.sorted())
    for (name, bytes) in own { #expect(bytes == others[name], "\(name)") }
    #expect(
      !folder.contents.contains { $0.hasPrefix(out + "/") && ($0.hasSuffix(".tmp") || $0.contains("/.sequence")) })
  }

  // MARK: With ffmpeg

  /// A video of a person who moves; nobody is in the first two frames.
  private func makeVideo(_ name: String, _ flags: [String] = []) throws {
    let shot = "crop=256:256:x=10*n:y=0,drawbox=enable='lt(n,2)':w=256:h=256:t=fill:c=gray"
    try FFmpeg.run(
      ["-loop", "1", "-i", Pictures.astronaut, "-vf", shot, "-frames:v", "9", "-c:v", "ffv1", "-pix_fmt", "yuv444p"]
        + flags + [folder / name])
  }

  @Test(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"))
  func aVideoBecomesMattes() throws {
    try makeVideo("clip.mkv")
    let result = try Program(arguments("clip.mkv")).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("the video names no color matrix; BT.601 is assumed"), "\(result.errors)")
    let expected = ["background", "hair", "p01", "person"].flatMap { name in
      (1001...1009).map { "\(name)/\(name).\($0).png" }
    }
    #expect(try results().keys.sorted() == expected)
    let frames = try frames()
    #expect(frames.allSatisfy { $0["source"] as? String == folder / "clip.mkv" })
    let times = frames.compactMap { $0["time"] as? Double }
    #expect(times.count == 9 && abs(times[3] - 0.12) < 0.001, "\(times)")
    let manifest = try manifest()
    #expect(manifest["complete"] as? Bool == true)
    let settings = manifest["settings"] as? [String: Any]
    #expect((settings?["video"] as? [String: Any])?["matrix"] as? String == "bt601")

    // The same frames as pictures have the same mattes.
    try FFmpeg.run([
      "-i", folder / "clip.mkv", "-vf", "scale=in_color_matrix=bt601:flags=bicubic+accurate_rnd+full_chroma_int",
      "-start_number", "1001", "-pix_fmt", "rgb24", folder / "frame.%04d.png",
    ])
    try FileManager.default.createDirectory(atPath: folder / "in", withIntermediateDirectories: true)
    for name in folder.contents where name.hasPrefix("frame.") {
      try FileManager.default.moveItem(atPath: folder / name, toPath: folder / "in/\(name)")
    }
    #expect(try Program(arguments("in", into: "pictures", ["--fps", "25"])).wait().status == 0)
    try expectSameResults("out", as: "pictures")

    let some = try Program(
      arguments("clip.mkv", into: "some", ["--first-frame", "1", "--frames", "4-8x2"])
    ).wait()
    #expect(some.status == 0, "\(some.errors)")
    #expect(try self.frames("some").map { $0["number"] as? Int } == [4, 6, 8])
    let few = try Program(arguments("in", into: "few", ["--fps", "25", "--frames", "1004-1008x2"])).wait()
    #expect(few.status == 0, "\(few.errors)")
    #expect(try results("some")["person/person.0006.png"] == results("few")["person/person.1006.png"])
    let beyond = try Program(arguments("clip.mkv", into: "some", ["--frames", "1008-1012"])).wait()
    #expect(beyond.status == 66)
    #expect(beyond.errors.contains("expected frames 1010-1012, found that the video ends before"), "\(beyond.errors)")
    #expect(try Program(arguments("clip.mkv", into: "some", ["--frames", "1"])).wait().status == 64)
  }

  @Test(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"))
  func killedRunsGoOnToTheSameBytes() throws {
    try makeVideo("clip.mkv")
    #expect(try Program(arguments("clip.mkv", into: "whole")).wait().status == 0)
    for file in ["person/person.1002.png", "hair/hair.1006.png"] {
      let program = try Program(arguments("clip.mkv", into: "out"))
      program.wait(forFile: folder / "out/\(file)")
      program.send(SIGKILL)
      _ = try program.wait()
      let rest = try Program(arguments("clip.mkv", into: "out", ["--resume"])).wait()
      #expect(rest.status == 0, "\(rest.errors)")
      try expectSameResults("out", as: "whole")
      try folder.write("out/hair/hair.1004.png", [1])
      #expect(try Program(arguments("clip.mkv", into: "out", ["--resume"])).wait().status == 0)
      try expectSameResults("out", as: "whole")
      try FileManager.default.removeItem(atPath: folder / "out")
    }
    // Another video of the same name is not gone on with.
    try makeVideo("clip.mkv", ["-g", "1", "-slices", "4"])
    let other = try Program(arguments("clip.mkv", into: "whole", ["--resume"])).wait()
    #expect(other.status == 64 && other.errors.contains("video"), "\(other.errors)")
  }

  @Test(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"))
  func aVideoThatEndsEarlyKeepsItsWholeFrames() throws {
    try makeVideo("whole.mkv")
    let bytes = try folder.read("whole.mkv")
    try folder.write("cut.mkv", Array(bytes[..<(bytes.count * 7 / 10)]))
    let result = try Program(arguments("cut.mkv")).wait()
    #expect(result.status == 65, "\(result.errors)")
    #expect(result.errors.contains("cut.mkv: expected a whole video, found that it cannot all be read: "))
    let frames = try frames()
    #expect((3..<9).contains(frames.count))
    #expect(try results().keys.filter { $0.hasPrefix("person/") }.count == frames.count)
    let bad = try folder.write("text.mov", Array("no video".utf8))
    let refused = try Program(arguments("text.mov", into: "other")).wait()
    #expect(refused.status == 65, "\(refused.errors)")
    #expect(refused.errors.hasPrefix("Error: \(bad): expected a video"), "\(refused.errors)")
  }

  /// Codecs are tested with `VideoEncoder`.
  @Test(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"))
  func mattesBecomeVideos() async throws {
    try makeVideo("clip.mkv")
    let flags = ["--output", "video,ffv1,people,people-parts", "--parts", "hair", "--frames", "1002-1006x2"]
    let command = ["sequence", folder / "clip.mkv", "-o", folder / "out"] + flags
    let result = try Program(command).wait()
    #expect(result.status == 0, "\(result.errors)")
    let names = ["hair", "p01", "p01_hair", "person"].flatMap { ["out/clip.\($0).mkv", "out/clip.\($0).mov"] }
    #expect(folder.contents.filter { $0.hasPrefix("out/clip.") } == names)
    for matte in ["hair", "p01"] {
      try FFmpeg.run(["-i", folder / "out/clip.\(matte).mkv", folder / "\(matte).%d.png"])
      for (index, number) in [1002, 1004, 1006].enumerated() {
        let (own, file) = (folder / "\(matte).\(index + 1).png", folder / "out/\(matte)/\(matte).\(number).png")
        #expect(try RGBImage(contentsOf: URL(filePath: own)) == RGBImage(contentsOf: URL(filePath: file)), "\(file)")
      }
    }
    let bytes = try names.map { try folder.read($0) }
    try FileManager.default.removeItem(atPath: folder / "out/clip.p01.mov")
    let again = try Program(command + ["--resume"]).wait()
    #expect(again.status == 0 && again.errors.contains("writing \(folder / "out/clip.p01.mov")\n"), "\(again.errors)")
    #expect(!again.errors.contains("hair"), "\(again.errors)")
    #expect(try names.map { try folder.read($0) } == bytes)
    #expect(!folder.contents.contains { $0.hasPrefix("out/.") })
  }

  @Test(.enabled(if: FFmpeg.isInstalled, "ffmpeg is not installed"))
  func piecesOfAVideoAreAsTheWhole() throws {
    try makeVideo("clip.mkv")
    func run(_ stage: String, into out: String, _ more: String...) throws {
      let flags = ["--output", "people,ffv1", "--parts", "hair", "--frames", "1001-1009"]
      let result = try Program(["sequence", stage, folder / "clip.mkv", "-o", folder / out] + flags + more).wait()
      #expect(result.status == 0, "\(stage) \(more): \(result.errors)")
    }
    try run("run", into: "out")
    for piece in ["1001-1004", "1005-1009"] { try run("analyze", into: "pieces", "--only", piece) }
    try run("link", into: "pieces")
    for piece in ["1005-1009", "1001-1004"] { try run("render", into: "pieces", "--only", piece) }
    try run("merge", into: "pieces", "--clean")
    try expectSameResults("pieces", as: "out")
    for name in ["hair", "p01", "person"] {
      #expect(try folder.read("pieces/clip.\(name).mkv") == folder.read("out/clip.\(name).mkv"))
    }
  }

  // MARK: With programs that stand in for it

  /// Writes programs called ffprobe and ffmpeg.
  ///
  /// - Parameter ending: What ffmpeg does after `count` frames, the first of which are left out as it is asked to.
  private func makePrograms(count: Int, ending: String) throws {
    let image = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut))
    try folder.write("frame.ppm", Array("P6\n\(image.width) \(image.height)\n255\n".utf8) + image.pixels)
    let stream =
      #"{"codec_name":"raw","width":512,"height":512,"pix_fmt":"rgb24","avg_frame_rate":"25/1","nb_frames":"8"}"#
    let programs = [
      "ffprobe": #"echo '{"streams":[\#(stream)]}'"#,
      "ffmpeg": """
      first=$(echo "$*" | sed -n 's/.*gte(n\\\\,\\([0-9]*\\)).*/\\1/p')
      i=${first:-0}
      while [ $i -lt \(count) ]; do
        echo "[Parsed_showinfo_0 @ 0x1] [info] n: $i pts: $i pts_time:0" >&2
        cat '\(folder / "frame.ppm")'
        i=$((i + 1))
      done
      \(ending)
      """,
    ]
    for (name, body) in programs {
      let path = try folder.write("bin/\(name)", Array("#!/bin/sh\n\(body)\n".utf8))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    try folder.write("clip.mov", [1])
  }

  private var path: String { "PATH='\(folder / "bin")':/usr/bin:/bin; export PATH" }

  @Test(arguments: [
    ("echo '[x @ 0x1] [fatal] out of luck' >&2; exit 3", "ffmpeg ended with status 3 after 5: out of luck"),
    ("kill -9 $$", "ffmpeg was ended by signal 9 after 5"),
    ("head -c 1000 '$FRAME'; exit 0", "ffmpeg ended within a frame after 5"),
  ]) func whereFFmpegDiesWholeFramesStay(ending: String, message: String) throws {
    try makePrograms(count: 5, ending: ending.replacing("$FRAME", with: folder / "frame.ppm"))
    // Without smoothing, so that no frame waits for those after it.
    let off = ["--temporal", "off"]
    let result = try Program(arguments("clip.mov", off), after: path).wait()
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.contains("clip.mov: expected frames to the video's end, found that \(message)"))
    #expect(result.errors.hasSuffix("5 of 8 frames are done; the same command with --resume goes on from here.\n"))
    #expect(try frames().count == 5)

    try makePrograms(count: 8, ending: "exit 0")
    let rest = try Program(arguments("clip.mov", off + ["--resume"]), after: path).wait()
    #expect(rest.status == 0, "\(rest.errors)")
    #expect(try Program(arguments("clip.mov", into: "whole", off), after: path).wait().status == 0)
    try expectSameResults("out", as: "whole")
    #expect(try frames().map { $0["pts"] as? Int } == Array(0..<8))
  }

  // MARK: While videos of mattes are made

  /// Writes two small frames of nobody, and a program called ffmpeg that does something with the file it is to write.
  private func makeEncoder(_ body: String) throws {
    for number in [1, 2] { try folder.write("in/shot.000\(number).png", try Pictures.png(width: 96, height: 64)) }
    let script = "#!/bin/sh\nfor result in \"$@\"; do :; done\nresult=${result#file:}\n\(body)\n"
    let path = try folder.write("bin/ffmpeg", Array(script.utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  private var videoArguments: [String] {
    ["sequence", folder / "in/shot.####.png", "-o", folder / "out", "--output", "video", "--parts", "hair"]
  }

  /// A limit on the file size replaces a full disk: both make a write fail in the middle of a file.
  @Test(arguments: [
    ("head -c 1000 /dev/zero > \"$result\"; kill -9 $$", "", "was ended by signal 9: it does not say why"),
    (
      "head -c 1000000 /dev/zero > \"$result\" || { echo '[mov @ 0x1] [error] File too large' >&2; exit 1; }",
      "trap '' XFSZ; ulimit -f 64", "ended with status 1: File too large"
    ),
  ]) func whereAVideoIsNotWrittenMattesStay(body: String, shell: String, message: String) throws {
    try makeEncoder(body)
    let result = try Program(videoArguments, after: shell.isEmpty ? path : "\(path); \(shell)").wait()
    #expect(result.status == 74, "\(result.errors)")
    #expect(
      result.errors.contains(
        "out/shot.person.mov: expected ffmpeg to write the video, found that it \(message)"), "\(result.errors)")
    let mattes = ["hair", "person"].flatMap { name in (1...2).map { "\(name)/\(name).000\($0).png" } }
    #expect(try results().keys.sorted().filter { !$0.hasPrefix("background") } == mattes)
    #expect(!folder.contents.contains { $0.hasPrefix("out/.shot") || $0.hasSuffix(".mov") || $0.hasSuffix(".tmp") })

    try makeEncoder("echo whole > \"$result\"")
    let rest = try Program(videoArguments + ["--resume"], after: path).wait()
    #expect(rest.status == 0, "\(rest.errors)")
    for name in ["person", "hair"] { #expect(try folder.read("out/shot.\(name).mov") == Array("whole\n".utf8)) }
    #expect(!folder.contents.contains { $0.hasPrefix("out/.") })
  }

  @Test func aFolderInThePlaceOfAVideoIsReported() throws {
    try makeEncoder("echo whole > \"$result\"")
    try folder.write("out/shot.person.mov/mine.txt", [1])
    let result = try Program(videoArguments + ["--overwrite"], after: path).wait()
    #expect(result.status == 74, "\(result.errors)")
    #expect(result.errors.contains("out/shot.person.mov: expected to put the video in its place"), "\(result.errors)")
    #expect(try folder.read("out/shot.person.mov/mine.txt") == [1])
  }

  @Test func withoutFFmpegOneSentenceSaysSo() throws {
    try folder.write("clip.mov", [1])
    let result = try Program(arguments("clip.mov"), after: "PATH=/nowhere; export PATH").wait()
    #expect(result.status == 66)
    #expect(
      result.errors
        == "Error: \(folder / "clip.mov"): expected ffmpeg and ffprobe on the PATH, which videos need, found no ffprobe; "
        + "install ffmpeg, or give frames\n")
    try makePrograms(count: 8, ending: "exit 0")
    try FileManager.default.removeItem(atPath: folder / "bin/ffmpeg")
    let half = try Program(arguments("clip.mov"), after: "PATH='\(folder / "bin")'; export PATH").wait()
    #expect(half.status == 66 && half.errors.contains("found no ffmpeg"), "\(half.errors)")
    for flags in [["--missing", "black"], ["--missing", "nearest"], ["--frames", "1000"]] {
      #expect(try Program(arguments("clip.mov", flags), after: path).wait().status == 64)
    }
  }
}
