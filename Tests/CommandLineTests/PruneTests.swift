import Foundation
import TestSupport
import Testing

/// `m2fp prune`, and the other commands with its result.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PruneTests {
  let folder: TemporaryFolder
  private let arguments: [String]

  init() throws {
    folder = try CalibrationFolder.make()
    arguments = ["prune", folder / "floats.safetensors", "--images", folder / "in"]
  }

  @Test func aSmallerFileThatEveryCommandTakes() throws {
    let pruned = folder / "pruned.safetensors"
    let result = try Program(
      arguments + ["-o", pruned, "--feed-forward", "0.3", "--report", folder / "report.json"]
    ).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.contains("of the backbone's multiply-adds saved"), "\(result.output)")
    let report = try CalibrationFolder.object(folder.read("report.json"))
    #expect(report["pictures"] as? Int == 5 && report["compared_pictures"] as? Int == 1)
    let saved = try #require(report["saved"] as? [String: Double])
    #expect((0.2..<0.5).contains(saved["backbone"] ?? 0))
    let layers = try #require(report["layers"] as? [[String: Any]])

    let info = try Program.run("info", pruned)
    #expect(info.output.contains("pruned to      "), "\(info.output)")
    let widths = try #require(
      CalibrationFolder.object(Program.run("info", pruned, "--json").output.utf8)["pruned_widths"] as? [String: Int])
    #expect(
      widths
        == Dictionary(uniqueKeysWithValues: layers.map { ($0["name"] as? String ?? "", $0["kept"] as? Int) })
        .compactMapValues(\.self))

    let int8 = folder / "int8.safetensors"
    let quantized = try Program.run(
      "quantize", pruned, "--images", folder / "in", "-o", int8, "--minimum-snr", "-100")
    #expect(quantized.status == 0, "\(quantized.errors)")
    for file in [pruned, int8] {
      let parsed = try Program.run("parse", folder / "in/1.png", "-m", file, "-o", folder / "out", "--overwrite")
      #expect(parsed.status == 0, "\(parsed.errors)")
    }
    let again = try Program.run("prune", int8, "--images", folder / "in", "-o", folder / "again.safetensors")
    #expect(again.status == 65)
    #expect(again.errors.contains("to prune, found int8"), "\(again.errors)")
  }

  @Test(
    arguments: [
      (["-o", "x", "--backbone", "1"], 64, "--backbone"), (["-o", "x", "--backbone", "nan"], 64, "--backbone"),
      (["-o", "x", "--feed-forward", "-0.1"], 64, "--feed-forward"), (["-o", "x", "--backbone", "0"], 64, "above 0"),
      (["-o", "x", "--limit", "0"], 64, "--limit"), (["-o", "x", "--threads", "0"], 64, "--threads"),
      ([], 64, "-o"), (["-o", "absent/x"], 74, "absent/x"),
      (["-o", "x", "--report", "absent/x.json"], 74, "absent/x.json"),
    ] as [([String], Int32, String)])
  func mistakes(flags: [String], status: Int32, words: String) throws {
    let limited = flags.contains("--limit") ? [] : ["--limit", "1"]
    let result = try Program(arguments + limited + flags, in: folder.path).wait()
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
  }
}
