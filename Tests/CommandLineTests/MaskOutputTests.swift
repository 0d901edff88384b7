import Foundation
import ImageCoding
import MaskMerging
import TestSupport
import Testing

/// Selection of parts, people and groups, and the masks that `m2fp parse` writes for it.
@Suite(.timeLimit(.minutes(10))) struct MaskOutputTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func parse(_ output: String, _ flags: String..., photo: String = Pictures.astronaut) throws {
    let result = try Program(["parse", photo, "-o", folder.path, "--output", output] + flags).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(!folder.contents.contains { $0.hasSuffix(".tmp") })
  }

  /// The red channel.
  private func values(_ name: String) throws -> [Int] {
    let pixels = try RGBImage(contentsOf: URL(filePath: folder / "astronaut.\(name).png")).pixels
    return stride(from: 0, to: pixels.count, by: 3).map { Int(pixels[$0]) }
  }

  private func files(_ kind: String) -> [String] {
    let start = "astronaut.\(kind)/"
    return folder.contents.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count).dropLast(4)) }
  }

  private func json(_ name: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(folder.read("astronaut.\(name)json")))
  }

  @Test(
    arguments: [
      (["--parts", "hair,face"], ["face", "hair"]),
      (["--part", "hair", "--part", "face,hair"], ["face", "hair"]),
      (["--parts", "arms,Hair"], ["hair", "leftArm", "rightArm"]),
      (["--group", "arms"], ["arms"]),
      (["--group", "wig=hair+hat", "--parts", "face"], ["face", "wig"]),
      (["--group", "wig=hair+hat", "--parts", "wig"], ["hair", "hat", "wig"]),
      (["--group", "wig=hair+hat", "--group", "top=wig+face"], ["top", "wig"]),
    ] as [([String], [String])])
  func masksAreChosen(flags: [String], expected: [String]) throws {
    let result = try Program(["parse", Pictures.astronaut, "-o", folder.path, "--output", "parts"] + flags).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(files("parts") == expected)
  }

  @Test func aGroupIsTheUnionOfItsParts() throws {
    try parse("parts", "--group", "head", "--parts", "hair,face,hat,sunglasses")
    let parts = try ["hair", "face", "hat", "sunglasses"].map { try values("parts/\($0)") }
    let union = parts.reduce(parts[0]) { zip($0, $1).map(max) }
    #expect(try values("parts/head") == union)
  }

  @Test func mattesShareOutThePicture() throws {
    try parse("mattes")
    #expect(files("mattes").count == 19 + 3)
    #expect(Set(["hair", "p01", "person", "background"]).isSubset(of: files("mattes")))
    #expect(try values("mattes/p01") == values("mattes/person"))
    let (person, background) = (try values("mattes/person"), try values("mattes/background"))
    #expect(zip(person, background).allSatisfy { (254...256).contains($0 + $1) })
    #expect(person.contains(255) && background.contains(255))
    #expect(try values("mattes/socks").allSatisfy { $0 == 0 })
  }

  @Test(arguments: [("8", 8), ("16", 16)])
  func mattesAreAsDeepAsAskedFor(flag: String, bits: UInt8) throws {
    try parse("mattes", "--parts", "hair", "--matte-depth", flag)
    #expect(files("mattes") == ["background", "hair", "p01", "person"])
    // Bit depth and color type of a PNG file's header.
    #expect(try folder.read("astronaut.mattes/hair.png")[24...25] == [bits, 0])
  }

  @Test(
    arguments: [
      (["--grow", "3"], 1), (["--grow", "-3"], -1), (["--grow=-3"], -1), (["--black-clip", "0.5"], -1),
      (["--white-clip", "0.5"], 1),
    ] as [([String], Int)])
  func edgesMove(flags: [String], direction: Int) throws {
    try parse("mattes", "--parts", "hair")
    let before = try values("mattes/hair").reduce(0, +)
    let result = try Program(
      ["parse", Pictures.astronaut, "-o", folder.path, "--output", "mattes", "--parts", "hair"] + flags
    ).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect((try values("mattes/hair").reduce(0, +) - before).signum() == direction)
    let (person, background) = (try values("mattes/person"), try values("mattes/background"))
    #expect(zip(person, background).allSatisfy { (254...256).contains($0 + $1) })
  }

  @Test(arguments: [
    ["--radius", "3"], ["--epsilon", "0.01"], ["--contrast", "1"], ["--no-refinement"], ["--feather", "2"],
  ])
  func mattesChangeWith(flags: [String]) throws {
    try parse("mattes", "--parts", "hair")
    let before = try values("mattes/hair")
    let result = try Program(
      ["parse", Pictures.astronaut, "-o", folder.path, "--output", "mattes", "--parts", "hair"] + flags
    ).wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(try values("mattes/hair") != before)
  }

  @Test func layersHideWhatTheirMatteDoes() throws {
    try parse("mattes,layers,cutout", "--parts", "hair")
    #expect(files("layers") == ["hair"])
    let (matte, layer) = (try values("mattes/hair"), try values("layers/hair"))
    #expect(zip(matte, layer).allSatisfy { $0 > 0 || $1 == 0 })
    #expect(try values("cutout") == layer)
    #expect(try folder.read("astronaut.layers/hair.png")[24...25] == [8, 6])
  }

  @Test func peopleAreChosenAndAbsentOnesNoted() throws {
    try parse("people,mattes,parts", "--parts", "hair", "--people", "1")
    #expect(files("people") == ["p01"])
    #expect(try values("parts/hair").contains { $0 > 200 })
    let result = try Program.run(
      "parse", Pictures.astronaut, "-o", folder.path, "--output", "people,mattes,parts", "--parts", "hair",
      "--people", "7")
    #expect(result.status == 0)
    #expect(
      result.errors.wholeMatch(of: #/.*astronaut\.png: there is no person 7, the picture shows [1-6]\n/#) != nil,
      "\(result.errors)")
    #expect(files("people") == [])
    #expect(files("mattes") == ["background", "hair", "person"])
    #expect(try values("parts/hair").allSatisfy { $0 == 0 })
    #expect(try values("mattes/hair").allSatisfy { $0 == 0 })
  }

  // MARK: The merged picture

  @Test(arguments: [["--smoothing", "antialiased"], ["--smoothing", "median"], ["--order", "area"]])
  func theMergedPictureChangesWith(flags: [String]) throws {
    try parse("color")
    let before = try values("color")
    let result = try Program(["parse", Pictures.astronaut, "-o", folder.path, "--output", "color"] + flags).wait()
    #expect(result.status == 0, "\(result.errors)")
    let after = try values("color")
    #expect(after != before)
    #expect((Set(after).count > 8) == flags.contains("antialiased"))
  }

  @Test(
    arguments: [
      ("p.json", "{\"hair\": \"#102030\"}", ""), ("p.csv", "label,color\nHair,#102030\n", ""),
      ("p.csv", "Hair,102030\nWings,#ffffff\n", "Wings"),
    ])
  func aPaletteOfOnesOwn(name: String, text: String, warning: String) throws {
    try folder.write(name, Array(text.utf8))
    let result = try Program.run(
      "parse", Pictures.astronaut, "-o", folder.path, "--output", "color", "--palette", folder / name)
    #expect(result.status == 0)
    #expect(warning.isEmpty ? result.errors.isEmpty : result.errors.contains(warning), "\(result.errors)")
    let pixels = try RGBImage(contentsOf: URL(filePath: folder / "astronaut.color.png")).pixels
    #expect(stride(from: 0, to: pixels.count, by: 3).contains { Array(pixels[$0..<$0 + 3]) == [0x10, 0x20, 0x30] })
  }

  @Test func aLegendShowsThePalettesColors() throws {
    try folder.write("p.json", Array("{\"hair\": \"#123456\"}".utf8))
    try parse("legend", "--palette", folder / "p.json")
    let pixels = try RGBImage(contentsOf: URL(filePath: folder / "astronaut.legend.png")).pixels
    #expect(stride(from: 0, to: pixels.count, by: 3).contains { Array(pixels[$0..<$0 + 3]) == [0x12, 0x34, 0x56] })
  }

  @Test func cleaningMendsMasks() throws {
    try parse("json,color")
    let parts = try (json("") as? [String: Any])?["parts"] as? [[String: Any]]
    let before = try #require(parts).compactMap { $0["area"] as? Int }
    try parse("json,color", "--largest-component", "--fill-holes", "200", "--remove-specks", "50")
    let cleaned = try (json("") as? [String: Any])?["parts"] as? [[String: Any]]
    let after = try #require(cleaned).compactMap { $0["area"] as? Int }
    #expect(after.count == before.count)
    #expect(after != before)
  }

  @Test func aPortraitIsSeenOnce() throws {
    try parse("labels")
    let labels = try folder.read("astronaut.labels.png")
    try parse("labels", "--detail", "auto")
    #expect(try folder.read("astronaut.labels.png") == labels)
  }

  // MARK: Exchange formats

  @Test func cocoAndJointsAndSmallPeople() throws {
    try parse("coco,joints,json")
    let coco = try JSONDecoder().decode(COCODocument.self, from: Data(folder.read("astronaut.coco.json")))
    #expect(coco.images.map(\.fileName) == ["astronaut.png"])
    #expect(coco.categories.count == 21)
    #expect(coco.annotations.contains { $0.categoryID == 20 && $0.person == 1 })
    let joints = try #require(try json("joints.") as? [[String: Any]])
    #expect(joints.contains { $0["label"] as? String == "Hair" && $0["limb"] is [String: Any] })
    let people = try #require((json("") as? [String: Any])?["people"] as? [[String: Any]])
    #expect(people.first?["small"] as? Bool == false)
    #expect(people.first?["unsure"] as? Bool == false)
    // Whoever else is listed has a score that tells them from persons.
    #expect(people.dropFirst().allSatisfy { $0["unsure"] as? Bool == true })
  }

  @Test func whatIsMissingInAFolderIsMadeAgain() throws {
    try parse("mattes", "--parts", "hair")
    try FileManager.default.removeItem(atPath: folder / "astronaut.mattes/person.png")
    try parse("mattes", "--parts", "hair", "--skip-existing")
    #expect(files("mattes").contains("person"))
  }

  @Test func resultsAreNotTakenForPictures() throws {
    try folder.write("astronaut.png", try Data(contentsOf: URL(filePath: Pictures.astronaut)))
    for _ in 0..<2 {
      let result = try Program.run("parse", ".", "--recursive", "--output", "mattes,layers", in: folder.path)
      #expect(result.status == 0)
      #expect(try Program.run("adjust", ".", "--recursive", "--blur", "1", in: folder.path).status == 0)
    }
    #expect(folder.contents.filter { $0.hasSuffix("adjusted.png") } == ["astronaut.adjusted.png"])
  }

}
