import Foundation
import M2FPTool
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct InputListTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in [
      "b.png", "a.jpg", "notes.txt", "a.labels.png", ".hidden.jpg", "in/c.webp", "in/deep/d.jpeg", "a.parts/hair.png",
    ] {
      let isResult = name.contains(".labels") || name.contains(".parts")
      try folder.write(name, isResult ? OwnFile.marked(try Pictures.png()) : Data())
    }
    try FileManager.default.createSymbolicLink(atPath: folder / "in/loop", withDestinationPath: folder.path)
  }

  private func names(_ arguments: [String], recursive: Bool = false) -> [String] {
    InputList(arguments: arguments, recursive: recursive).inputs.map {
      $0.name.replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  @Test func folderGivesItsPicturesInOrder() {
    #expect(names([folder.path]) == ["a.jpg", "b.png"])
  }

  @Test func recursionEntersFoldersButNoResultsAndNoLoops() {
    #expect(names([folder.path], recursive: true) == ["a.jpg", "b.png", "in/c.webp", "in/deep/d.jpeg"])
    let list = InputList(arguments: [folder.path], recursive: true)
    #expect(list.inputs.map(\.subfolder) == ["", "", "in", "in/deep"])
    #expect(list.refusals.isEmpty)
  }

  @Test func whatIsNamedIsTakenWhateverItsName() {
    #expect(names([folder / "notes.txt", folder / "a.labels.png"]) == ["notes.txt", "a.labels.png"])
  }

  @Test func aPictureNamedTwiceIsTakenOnce() {
    #expect(
      names([folder / "a.jpg", folder.path, folder / "in/../a.jpg", folder / "in/loop/a.jpg"]) == ["a.jpg", "b.png"])
    #expect(InputList(arguments: ["-", "-"], recursive: false).inputs == [.standardInput])
  }

  @Test(arguments: [
    ("absent.jpg", "no such file"), ("", "no such file"), ("pipe", "a FIFO"), ("empty", "found none"),
    ("outer", "--recursive"),
  ])
  func whatCannotBeTakenIsSaid(name: String, words: String) throws {
    try FileManager.default.createDirectory(atPath: folder / "empty", withIntermediateDirectories: true)
    try folder.write("outer/inner/x.jpg")
    #expect(mkfifo(folder / "pipe", 0o600) == 0)
    let argument = name.isEmpty ? "" : folder / name
    let list = InputList(arguments: [argument, folder / "a.jpg"], recursive: false)
    #expect(list.inputs.map(\.stem) == ["a"])
    #expect(list.refusals.map(\.path) == [argument])
    #expect(list.refusals.map(\.failure.status) == [.noInput])
    #expect(list.refusals.first?.failure.message.contains(words) == true, "\(list.refusals)")
  }

  @Test(arguments: ["a b.jpg", "👩‍👧 写真.png", "-dash.jpg", "--recursive.png", "a%20b#c?.jpg", "new\nline.jpg"])
  func strangeNamesStayAsTheyAre(name: String) throws {
    let path = try folder.write(name)
    let list = InputList(arguments: [path], recursive: false)
    #expect(list.inputs == [.file(path)])
    #expect(list.inputs.first?.folder == folder.path)
  }

  @Test func aLinkIsAPictureOfItsOwnAndSoIsALinkedFolder() throws {
    let inside = { (path: String) in self.folder / path }
    try FileManager.default.createSymbolicLink(atPath: inside("held.jpg"), withDestinationPath: "a.jpg")
    try FileManager.default.createSymbolicLink(atPath: inside("link"), withDestinationPath: "in")
    #expect(names([folder.path]) == ["a.jpg", "b.png", "held.jpg"])
    #expect(
      names([folder.path], recursive: true) == [
        "a.jpg", "b.png", "held.jpg", "in/c.webp", "in/deep/d.jpeg", "link/c.webp", "link/deep/d.jpeg",
      ])
  }

  @Test func aLinkThatLeadsNowhereIsSaid() throws {
    try FileManager.default.createSymbolicLink(atPath: folder / "gone.jpg", withDestinationPath: "nothing.jpg")
    let list = InputList(arguments: [folder.path], recursive: false)
    #expect(list.inputs.count == 2)
    #expect(list.refusals.map(\.path) == [folder / "gone.jpg"])
  }

  @Test func whatIsNamedLikeAPictureAndIsNoneIsSaid() throws {
    #expect(mkfifo(folder / "pipe.png", 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: folder / "loop.png", withDestinationPath: "loop.png")
    let list = InputList(arguments: [folder.path], recursive: false)
    #expect(list.inputs.count == 2)
    #expect(list.refusals.map(\.path) == [folder / "loop.png", folder / "pipe.png"])
    #expect(list.refusals.map { $0.failure.message.contains("leads nowhere") } == [false, false])
    #expect(list.refusals.last?.failure.message.contains("a FIFO") == true, "\(list.refusals)")
  }

  @Test func picturesOfOtherFormatsArePassedOverAloud() throws {
    for name in ["IMG_1.CR3", "scan.dpx", "notes.md", ".hidden.bmp", "in/raw.cr2"] { try folder.write(name) }
    func passedOver(recursive: Bool) -> [String] {
      InputList(arguments: [folder.path], recursive: recursive).passedOver
    }
    #expect(passedOver(recursive: false) == [folder / "IMG_1.CR3", folder / "scan.dpx"])
    #expect(passedOver(recursive: true) == [folder / "IMG_1.CR3", folder / "scan.dpx", folder / "in/raw.cr2"])
  }

  /// RGB-D recordings name their frames `frame-000000.color.png`.
  @Test func picturesOfOthersThatAreNamedLikeResultsAreTaken() throws {
    try folder.write("frame-000000.color.png", try Pictures.png())
    try folder.write("frame-000001.color.png", OwnFile.marked(try Pictures.png()))
    try folder.write("holiday.people/1.png", try Pictures.png())
    try folder.write("holiday.people/2.png", OwnFile.marked(try Pictures.png()))
    #expect(names([folder.path]) == ["a.jpg", "b.png", "frame-000000.color.png"])
    #expect(names([folder.path], recursive: true).contains("holiday.people/1.png"))
    #expect(!names([folder.path], recursive: true).contains("holiday.people/2.png"))
  }

  @Test func namesAreBytes() throws {
    for name in [[0x63, 0x61, 0x66, 0xE9], Array("caf\u{e9}".utf8), Array("cafe\u{301}".utf8), Array("\u{301}x".utf8)] {
      let path = Array(folder.path.utf8) + [0x2F] + name + Array(".jpg".utf8)
      let descriptor = open(path.map { CChar(bitPattern: $0) } + [0], O_CREAT | O_WRONLY, 0o600)
      #expect(descriptor >= 0)
      close(descriptor)
    }
    let list = InputList(arguments: [folder.path], recursive: false)
    #expect(list.inputs.count == 6, "\(list.inputs.map(\.name))")
    #expect(JobPlan(inputs: list.inputs, folder: folder / "out", endings: ["json"]).jobs.count == 6)
    #expect(FilePath.name(of: "a/\u{301}x.jpg").utf8.count == 7)
    #expect(Input.file("caf\u{e9}.jpg") != .file("cafe\u{301}.jpg"))
    #expect(Set([Input.file("caf\u{e9}.jpg"), .file("cafe\u{301}.jpg")]).count == 2)
  }
}
