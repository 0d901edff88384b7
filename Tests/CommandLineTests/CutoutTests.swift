import Foundation
import ImageCoding
import TestSupport
import Testing

/// Results of `m2fp cutout` and `m2fp adjust`.
@Suite(.timeLimit(.minutes(10))) struct CutoutTests {
  let folder: TemporaryFolder
  let photo: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    photo = try RGBImage(contentsOf: URL(filePath: Pictures.astronaut)).pixels
  }

  private func pixels(_ name: String) throws -> [UInt8] {
    try RGBImage(contentsOf: URL(filePath: folder / name)).pixels
  }

  private func make(_ command: String, _ name: String, _ flags: String...) throws -> [UInt8] {
    let result = try Program([command, Pictures.astronaut, "-o", folder / name] + flags).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.isEmpty && result.output.isEmpty)
    return try pixels(name)
  }

  /// The matte of the whole person, or of a part, for each channel of each pixel.
  private func matte(_ name: String = "person") throws -> [UInt8] {
    let result = try Program.run("parse", Pictures.astronaut, "-o", folder.path, "--output", "mattes")
    #expect(result.status == 0, "\(result.errors)")
    return try pixels("astronaut.mattes/\(name).png")
  }

  @Test func overNothing() throws {
    let (cutout, matte) = (try make("cutout", "a.png"), try matte())
    #expect(try folder.read("a.png")[24...25] == [8, 6])
    for index in photo.indices where matte[index] == 0 { #expect(cutout[index] == 0) }
    for index in photo.indices where matte[index] == 255 { #expect(cutout[index] == photo[index]) }
  }

  @Test(
    arguments: [
      ["-bgc", "#ff8000"], ["-bgc", "ff8000ff"], ["--bgcolor", "255", "128", "0", "255"], ["-bgc", "255", "128", "0"],
    ])
  func overAColor(flags: [String]) throws {
    let matte = try matte()
    let result = try Program(["cutout"] + flags + [Pictures.astronaut, "-o", folder / "a.png"]).wait()
    #expect(result.status == 0, "\(result.errors)")
    let picture = try pixels("a.png")
    #expect(try folder.read("a.png")[24...25] == [8, 2])
    for index in photo.indices where matte[index] == 0 { #expect(picture[index] == [255, 128, 0][index % 3]) }
    for index in photo.indices where matte[index] == 255 { #expect(picture[index] == photo[index]) }
  }

  @Test func overATranslucentColor() throws {
    let picture = try make("cutout", "a.png", "-bgc", "255", "128", "0", "64")
    #expect(try folder.read("a.png")[24...25] == [8, 6])
    #expect(Array(picture[3 * 511..<3 * 512]) == [255, 128, 0])
  }

  @Test func overAPictureThatCoversIt() throws {
    // Left and right thirds are cropped, because the photograph is square.
    let stripes = (0..<30 * 10).flatMap { [[200, 0, 0], [0, 200, 0], [0, 0, 200]][$0 % 30 / 10] as [UInt8] }
    try RGBImage(width: 30, height: 10, pixels: stripes).write(to: URL(filePath: folder / "stripes.png"))
    let (picture, matte) = (try make("cutout", "a.png", "--background", folder / "stripes.png"), try matte())
    for index in photo.indices where matte[index] == 0 { #expect(picture[index] == [0, 200, 0][index % 3]) }
    #expect(picture.count == photo.count)
  }

  @Test func partsAndPeople() throws {
    let (cutout, hair) = (try make("cutout", "a.png", "--part", "hair", "-bgc", "000"), try matte("hair"))
    for index in photo.indices where hair[index] == 0 { #expect(cutout[index] == 0) }
    for index in photo.indices where hair[index] == 255 { #expect(cutout[index] == photo[index]) }
    #expect(try make("cutout", "b.png", "--people", "1", "-bgc", "000") == make("cutout", "c.png", "-bgc", "000"))
  }

  // MARK: Output paths

  @Test func besideThePictureOrInAFolder() throws {
    for name in ["a.png", "in/b.png"] { try folder.write(name, try Pictures.png()) }
    #expect(try Program.run("cutout", "a.png", in: folder.path).status == 0)
    let all = try Program.run("cutout", ".", "--recursive", "--skip-existing", "-o", "out", in: folder.path)
    #expect(all.status == 0)
    #expect(all.errors.hasSuffix("2 cut out\n"), "\(all.errors)")
    let again = try Program.run("cutout", ".", "--recursive", "--skip-existing", "-o", "out", in: folder.path)
    #expect(again.errors == "0 cut out, 2 skipped\n")
    #expect(
      folder.contents.filter { $0.hasSuffix(".cutout.png") } == [
        "a.cutout.png", "out/a.cutout.png", "out/in/b.cutout.png",
      ])
  }

  @Test func standardInput() throws {
    let path = try folder.write("in.png", try Pictures.png())
    let result = try Program.run(
      "cutout", "-", "-o", "new/out.png", in: folder.path, input: try FileHandle(forReadingFrom: URL(filePath: path)))
    #expect(result.status == 0, "\(result.errors)")
    #expect(folder.contents == ["in.png", "new", "new/out.png"])
  }

  @Test func aBadPictureIsReportedAndTheOthersGoOn() throws {
    try folder.write("1.png", try Pictures.png().prefix(100))
    try folder.write("2.png", try Pictures.png())
    let result = try Program.run("cutout", ".", in: folder.path)
    #expect(result.status == 65)
    #expect(result.errors.hasPrefix("Error: 1.png: "))
    #expect(result.errors.hasSuffix("1 cut out, 1 failed\n"))
    #expect(folder.contents == ["1.png", "2.cutout.png", "2.png"])
  }

  @Test func aPictureWithoutWhatIsChosenIsNoted() throws {
    let result = try Program.run("adjust", Pictures.astronaut, "-o", folder / "a.png", "--part", "socks", "--blur", "3")
    #expect(result.status == 0)
    #expect(result.errors == "\(Pictures.astronaut): nothing of the selection is in it\n")
    #expect(try pixels("a.png") == photo)
  }

  // MARK: Adjustments

  @Test(
    arguments: [
      ["--exposure", "-2"], ["--exposure=1"], ["--tint", "#2040ff"], ["--desaturate", "1"], ["--metallic", "0.8"],
      ["--blur", "4"],
    ])
  func onlyThePartChanges(flags: [String]) throws {
    let matte = try matte("hair")
    let result = try Program(
      ["adjust", Pictures.astronaut, "-o", folder / "a.png", "--part", "hair"] + flags
    ).wait()
    #expect(result.status == 0, "\(result.errors)")
    let adjusted = try pixels("a.png")
    for index in photo.indices where matte[index] == 0 { #expect(abs(Int(adjusted[index]) - Int(photo[index])) <= 1) }
    #expect(photo.indices.contains { abs(Int(adjusted[$0]) - Int(photo[$0])) > 20 })
  }

  @Test func adjustmentsGoTogether() throws {
    let gray = try make("adjust", "a.png", "--desaturate", "1", "--exposure", "-1")
    let matte = try matte()
    for pixel in 0..<photo.count / 3 where matte[3 * pixel] == 255 {
      let color = gray[3 * pixel..<3 * pixel + 3]
      #expect((color.max() ?? 0) - (color.min() ?? 0) <= 1)
    }
  }
}
