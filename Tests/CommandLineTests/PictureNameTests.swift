import Testing
import m2fp

@Suite struct PictureNameTests {
  @Test(arguments: [
    ("photo.jpg", "photo"), ("photo.JPEG", "photo"), ("shot.0001.png", "shot.0001"), ("shot.0001", "shot.0001"),
    ("a.b.webp", "a.b"), (".jpg", ".jpg"), ("photo", "photo"), ("photo.txt", "photo.txt"), ("photo.", "photo."),
    ("🌅 dawn.png", "🌅 dawn"), ("-dash.jpg", "-dash"), ("", ""),
  ])
  func stem(name: String, expected: String) {
    #expect(PictureName.stem(of: name) == expected)
  }

  @Test(arguments: [
    ("photo.jpg", true), ("photo.WebP", true), ("photo.labels.jpg", true), ("photo", false), (".photo.jpg", false),
    ("photo.labels.png", false), ("photo.color.png", false), ("photo.cutout.png", false),
    ("photo.overlay.png", false), ("photo.json", false),
  ])
  func walkTakesPictures(name: String, expected: Bool) {
    #expect(PictureName.isPicture(name) == expected)
  }

  @Test(arguments: [("holiday", true), (".git", false), ("photo.parts", false), ("photo.people", false)])
  func walkEntersFolders(name: String, expected: Bool) {
    #expect(PictureName.isWalked(name) == expected)
  }

  @Test(arguments: OutputKind.allCases)
  func walkLeavesResultsAlone(kind: OutputKind) {
    let name = Job(input: .file("photo.jpg"), folder: ".").path(of: kind)
    #expect(kind.isFolder ? !PictureName.isWalked(name) : !PictureName.isPicture(name))
  }

  @Test(arguments: [
    ("UpperClothes", "upper-clothes"), ("Torso-skin", "torso-skin"), ("Hair", "hair"), ("Left-arm", "left-arm"),
    ("Upper Clothes", "upper-clothes"), ("a/../b", "a-b"), ("Class2B", "class2-b"), ("", ""),
  ])
  func partFileName(name: String, expected: String) {
    #expect(PartName.fileName(of: name) == expected)
  }

  @Test(arguments: [
    ("hair", 1), ("HAIR", 1), ("upperclothes", 2), ("upper-clothes", 2), ("UpperClothes", 2), ("left_arm", 3),
    ("arm", nil), ("", nil), ("-", nil),
  ])
  func partIndex(text: String, expected: Int?) {
    #expect(PartName.index(of: text, in: ["Background", "Hair", "UpperClothes", "Left-arm"]) == expected)
  }
}
