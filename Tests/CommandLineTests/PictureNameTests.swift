import M2FPTool
import Testing

@Suite(.timeLimit(.minutes(10))) struct PictureNameTests {
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
    ("frame-000000.color.png", true), ("photo.json", false),
  ])
  func walkTakesPictures(name: String, expected: Bool) {
    #expect(PictureName.isPicture(name) == expected)
  }

  @Test(arguments: [("holiday", true), (".git", false), ("photo.people", true)])
  func walkEntersFolders(name: String, expected: Bool) {
    #expect(PictureName.isWalked(name) == expected)
  }

  @Test(arguments: OutputKind.allCases)
  func resultsAreKnownByName(kind: OutputKind) {
    let name = Job(input: .file("photo.jpg"), folder: ".").path(of: kind)
    #expect(PictureName.isResult(name) || name.hasSuffix(".json"))
  }
}
