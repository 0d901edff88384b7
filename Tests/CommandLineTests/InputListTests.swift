import Foundation
import M2FPTool
import TestSupport
import Testing

@Suite struct InputListTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in [
      "b.png", "a.jpg", "notes.txt", "a.labels.png", ".hidden.jpg", "in/c.webp", "in/deep/d.jpeg", "a.parts/hair.png",
    ] {
      try folder.write(name)
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

  @Test func recursionEntersFoldersButNoResultsAndNoLinks() {
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
}
