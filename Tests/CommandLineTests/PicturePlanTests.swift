import M2FPTool
import TestSupport
import Testing

/// Output paths of `cutout` and `adjust`.
@Suite(.timeLimit(.minutes(10))) struct PicturePlanTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write("folder.png/x")
  }

  @Test(
    arguments: [
      (nil, .besideInputs), ("out", .folder("out")), ("-", .standardOutput), ("out/", .folder("out/")),
      ("a.b", .folder("a.b")),
      ("out/a.png", .file("out/a.png")), ("A.PNG", .file("A.PNG")), ("a.png/", .folder("a.png/")),
    ] as [(String?, PicturePlace)])
  func placesAreRead(argument: String?, expected: PicturePlace) throws {
    #expect(try PicturePlace(argument) == expected)
  }

  @Test(arguments: ["", "a.jpg", "a.JPEG", "a.webp"])
  func otherPlacesAreRefused(argument: String) {
    #expect(throws: Failure.self) { try PicturePlace(argument) }
  }

  @Test func aFolderWithAPicturesNameIsAFolder() throws {
    #expect(try PicturePlace(folder / "folder.png") == .folder(folder / "folder.png"))
  }

  @Test(
    arguments: [
      (["in/a.jpg"], .besideInputs, ["in/a.cutout.png"]),
      (["in/a.jpg", "b.png"], .folder("out"), ["out/a.cutout.png", "out/b.cutout.png"]),
      (["in/a.jpg"], .file("b.png"), ["b.png"]),
      ([], .file("b.png"), []),
    ] as [([String], PicturePlace, [String])])
  func picturesGo(names: [String], place: PicturePlace, expected: [String]) throws {
    let plan = try PicturePlan(inputs: names.map { .file($0) }, place: place, ending: "cutout.png")
    #expect(plan.jobs.map(\.path) == expected)
  }

  @Test(
    arguments: [(["a.jpg", "b.jpg"], .file("c.png")), (["a.png"], .file("./a.png"))] as [([String], PicturePlace)])
  func filesThatCannotBeAreRefused(names: [String], place: PicturePlace) {
    let failure = #expect(throws: Failure.self) {
      try PicturePlan(inputs: names.map { .file($0) }, place: place, ending: "cutout.png")
    }
    #expect(failure?.status == .usage)
  }

  @Test(
    arguments: [
      (["a.jpg", "a.png"], .besideInputs, 2), (["a.jpg", "a.cutout.png"], .besideInputs, 1),
      (["x/a.jpg", "y/a.jpg"], .folder("out"), 2), (["x/a.jpg", "y/a.jpg"], .standardOutput, 2),
    ] as [([String], PicturePlace, Int)])
  func clashesAreRefusedAndTheOthersPlanned(names: [String], place: PicturePlace, count: Int) throws {
    let plan = try PicturePlan(inputs: (names + ["c.jpg"]).map { .file($0) }, place: place, ending: "cutout.png")
    #expect(plan.refusals.map(\.failure.status) == Array(repeating: .usage, count: count))
    #expect(plan.jobs.count == names.count + 1 - count)
  }
}
