import Foundation
import ImageCoding
import M2FPTool
import TestSupport
import Testing

/// Exit status and message for each kind of error.
@Suite(.timeLimit(.minutes(10))) struct ExitStatusTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("good.png", try Pictures.png())
    try folder.write("bad.jpg", Array("text".utf8))
    try folder.write("palette.json", Array("{\"Hair\": \"red\"}".utf8))
  }

  @Test func versionAndHelp() throws {
    let version = try Program.run("--version")
    #expect(version.status == 0)
    #expect(version.output == Version.current + "\n")
    #expect(try Program.run("--help").output.contains("evaluate"))
    #expect(try Program.run("parse", "--help").output.contains("--skip-existing"))
  }

  @Test(
    arguments: [
      (["parse"], 64, "inputs"),
      (["parse", "good.png", "--output", "masks"], 64, "masks"),
      (["parse", "good.png", "--parts", "hair", "--output", "labels"], 64, "--parts"),
      (["parse", "good.png", "--parts", "hairs"], 64, "hairs"),
      (["parse", "good.png", "--palette", "gold"], 64, "gold"),
      (["parse", "good.png", "--threads", "0"], 64, "--threads"),
      (["parse", "good.png", "--max-megapixels", "0"], 64, "--max-megapixels"),
      (["parse", "good.png", "-o", "-", "--json"], 64, "-o"),
      (["parse", "good.png", "-o", "-", "--skip-existing"], 64, "-o"),
      (["parse", "good.png", "-o", ""], 64, "-o"),
      (["parse", "good.png", "--nonsense"], 64, "--nonsense"),
      (["parse", "bad.jpg"], 65, "bad.jpg"),
      (["parse", "absent.jpg"], 66, "absent.jpg"),
      (["parse", ""], 66, "no such file"),
      (["parse", "good.png", "-m", "absent.safetensors"], 66, "absent.safetensors"),
      (["parse", "good.png", "-m", "bad.jpg"], 65, "bad.jpg"),
      (["parse", "good.png", "-m", "."], 66, "regular file"),
      (["parse", "good.png", "-o", "bad.jpg"], 74, "bad.jpg"),
      (["parse", "good.png", "-o", "bad.jpg/deeper"], 74, "bad.jpg/deeper"),
      (["parse", "good.png", "-o", "/proc/m2fp"], 74, "/proc/m2fp"),
      (["parse", "good.png", "bad.jpg", "absent.jpg"], 66, "absent.jpg"),
      (["info", "absent.safetensors"], 66, "absent.safetensors"),
      (["info", "bad.jpg"], 65, "bad.jpg"),
      (["convert", "absent.pt", "-o", "out.safetensors"], 66, "absent.pt"),
      (["convert", "bad.jpg", "--configuration", "bad.jpg", "-o", "out.safetensors"], 65, "bad.jpg"),
      (["convert", "bad.jpg"], 64, "-o"),
      (["evaluate", "--images", "absent", "--labels", "."], 66, "absent"),
      (["evaluate", "--images", ".", "--instances", "absent"], 66, "absent"),
      (["evaluate", "--images", "."], 64, "--labels"),
      (["evaluate", "--images", ".", "--labels", ".", "--minimum-height", "90"], 64, "--instances"),
      (["evaluate", "--images", ".", "--instances", ".", "--minimum-height", "-1"], 64, "--minimum-height"),
      (["evaluate", "--images", ".", "--instances", ".", "--minimum-score", "2"], 64, "--minimum-score"),
    ] as [([String], Int32, String)])
  func mistakes(arguments: [String], status: Int32, words: String) throws {
    let result = try Program(arguments, in: folder.path).wait()
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(!result.wasKilled)
    #expect(result.output.isEmpty)
    #expect(!folder.contents.contains { $0.contains("out.safetensors") || $0.hasSuffix(".tmp") }, "\(folder.contents)")
  }

  @Test(
    arguments: [
      (["--parts", "hair,"], 64, "--parts"),
      (["--parts", "@hair"], 64, "@hair"),
      (["--group", "skin="], 64, "--group"),
      (["--group", "a/b=hair"], 64, "a/b=hair"),
      (["--group", "hair=face"], 64, "hair"),
      (["--group", "person=face"], 64, "person"),
      (["--group", "p01=face"], 64, "p01"),
      (["--group", "wig"], 64, "wig"),
      (["--group", "wig=hairs"], 64, "hairs"),
      (["--group", "wig=hair", "--group", "Wig=hat"], 64, "twice"),
      (["--people", "0"], 64, "--people"),
      (["--people", "one"], 64, "one"),
      (["--group", "skin", "--output", "people"], 64, "--group"),
      (["--palette", "absent.json"], 66, "absent.json"),
      (["--palette", "."], 66, "folder"),
      (["--palette", "/dev/zero"], 66, "/dev/zero"),
      (["--palette", "palette.json"], 65, "palette.json"),
      (["--palette", "good.png"], 65, "good.png"),
      (["--smoothing", "mean"], 64, "mean"),
      (["--smoothing", "median", "--output", "labels"], 64, "--smoothing"),
      (["--order", "area", "--output", "labels"], 64, "--order"),
      (["--feather", "2"], 64, "--feather"),
      (["--matte-depth", "16"], 64, "--matte-depth"),
      (["--output", "mattes", "--matte-depth", "12"], 64, "12"),
      (["--output", "mattes", "--radius", "0"], 64, "--radius"),
      (["--output", "mattes", "--epsilon", "0"], 64, "--epsilon"),
      (["--output", "mattes", "--epsilon", "nan"], 64, "--epsilon"),
      (["--output", "mattes", "--contrast", "9"], 64, "--contrast"),
      (["--output", "mattes", "--no-refinement", "--radius", "3"], 64, "--no-refinement"),
      (["--output", "mattes", "--grow", "-300"], 64, "--grow"),
      (["--output", "mattes", "--grow", "nan"], 64, "--grow"),
      (["--output", "mattes", "--feather", "-1"], 64, "--feather"),
      (["--output", "mattes", "--black-clip", "0.8", "--white-clip", "0.2"], 64, "--black-clip"),
      (["--output", "mattes", "--white-clip", "2"], 64, "--white-clip"),
      (["--remove-specks", "-1"], 64, "--remove-specks"),
      (["--detail", "low"], 64, "--detail"),
      (["--fill-holes", "9999999999"], 64, "--fill-holes"),
    ] as [([String], Int32, String)])
  func mistakesAboutMasks(flags: [String], status: Int32, words: String) throws {
    try mistakes(arguments: ["parse", "good.png"] + flags, status: status, words: words)
    #expect(folder.contents == ["bad.jpg", "good.png", "palette.json"])
  }

  @Test(
    arguments: [
      (["cutout"], 64, "inputs"),
      (["cutout", "good.png", "-bgc", "reddish"], 64, "reddish"),
      (["cutout", "good.png", "-bgc", "1", "2"], 64, "-bgc"),
      (["cutout", "good.png", "-bgc", "fff", "--background", "good.png"], 64, "--background"),
      (["cutout", "good.png", "--background", "absent.png"], 66, "--background: absent.png"),
      (["cutout", "good.png", "--background", "bad.jpg"], 65, "--background: bad.jpg"),
      (["cutout", "good.png", "-o", "cutout.jpg"], 64, "cutout.jpg"),
      (["cutout", "good.png", "-o", "-", "--skip-existing"], 64, "-o"),
      (["cutout", "good.png", "-o", ""], 64, "-o"),
      (["cutout", "good.png", "-o", "good.png"], 64, "good.png"),
      (["cutout", "good.png", "bad.jpg", "-o", "one.png"], 64, "one.png"),
      (["cutout", "good.png", "--part", "wings"], 64, "wings"),
      (["cutout", "good.png", "-o", "bad.jpg/cutout.png"], 74, "bad.jpg"),
      (["cutout", "good.png", "-m", "absent.safetensors"], 66, "absent.safetensors"),
      (["cutout", "bad.jpg"], 65, "bad.jpg"),
      (["cutout", "absent.png"], 66, "absent.png"),
      (["adjust", "good.png"], 64, "--exposure"),
      (["adjust", "good.png", "--tint", "reddish"], 64, "reddish"),
      (["adjust", "good.png", "--tint", "ff000080"], 64, "opacity"),
      (["adjust", "good.png", "--exposure", "21"], 64, "--exposure"),
      (["adjust", "good.png", "--exposure", "nan"], 64, "--exposure"),
      (["adjust", "good.png", "--desaturate", "2"], 64, "--desaturate"),
      (["adjust", "good.png", "--metallic", "-1"], 64, "--metallic"),
      (["adjust", "good.png", "--blur", "257"], 64, "--blur"),
      (["adjust", "good.png", "--blur", "2", "--part", "wings"], 64, "wings"),
      (["adjust", "bad.jpg", "--blur", "2"], 65, "bad.jpg"),
    ] as [([String], Int32, String)])
  func mistakesAboutPictures(arguments: [String], status: Int32, words: String) throws {
    try mistakes(arguments: arguments, status: status, words: words)
    #expect(folder.contents == ["bad.jpg", "good.png", "palette.json"])
  }

  @Test func aBombIsRefusedByItsHeader() throws {
    try folder.write("large.png", try Pictures.png(width: 2000, height: 501))
    let result = try Program.run("parse", "large.png", "--max-megapixels", "1", in: folder.path)
    #expect(result.status == 65)
    #expect(result.errors.contains("large.png: the image is 2000 × 501"))
  }
}
