import M2FPTool
import Testing

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
}
