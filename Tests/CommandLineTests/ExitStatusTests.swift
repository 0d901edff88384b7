import Foundation
import ImageCoding
import Testing
import m2fp

/// What each mistake costs: the exit status, and one sentence that names what is wrong.
@Suite struct ExitStatusTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("good.png", try Pictures.png())
    try folder.write("bad.jpg", Array("text".utf8))
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
      (["parse", "good.png", "-o", "-"], 64, "-o"),
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
      (["convert", "absent.pt", "-o", "out.safetensors"], 66, "configuration.json"),
      (["convert", "bad.jpg", "--configuration", "bad.jpg", "-o", "out.safetensors"], 65, "bad.jpg"),
      (["convert", "bad.jpg"], 64, "-o"),
      (["evaluate", "--images", "absent", "--labels", "."], 66, "absent"),
      (["evaluate", "--images", "."], 64, "--labels"),
    ] as [([String], Int32, String)])
  func mistakes(arguments: [String], status: Int32, words: String) throws {
    let result = try Program(arguments, in: folder.path).wait()
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(!result.wasKilled)
    #expect(result.output.isEmpty)
    #expect(!folder.contents.contains { $0.contains("out.safetensors") || $0.hasSuffix(".tmp") }, "\(folder.contents)")
  }

  @Test func aBombIsRefusedByItsHeader() throws {
    try folder.write("large.png", try Pictures.png(width: 2000, height: 501))
    let result = try Program.run("parse", "large.png", "--max-megapixels", "1", in: folder.path)
    #expect(result.status == 65)
    #expect(result.errors.contains("large.png: the image is 2000 × 501"))
  }
}
