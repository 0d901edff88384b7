import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct LabelTests {
  @Test(arguments: [
    ("UpperClothes", "upper-clothes"), ("UpperClothes", "upperclothes"), ("Left-arm", "leftArm"),
    ("Left-arm", "LEFT ARM"), ("Torso-skin", "torso_skin"), ("Hair", "hair"),
  ])
  func equalityIgnoresCaseAndSeparators(first: String, second: String) {
    #expect(Label(first) == Label(second))
    #expect(Set([Label(first), Label(second)]).count == 1)
  }

  @Test func differentNamesDiffer() { #expect(Label.leftArm != .rightArm && Label("") != .hair) }

  @Test(arguments: [
    ("UpperClothes", "upperClothes"), ("upper-clothes", "upperClothes"), ("Left-arm", "leftArm"),
    ("LEFT_ARM", "leftArm"), ("Torso-skin", "torsoSkin"), ("Hair", "hair"), ("background", "background"),
    ("Handbag strap", "handbagStrap"), ("../../etc/passwd", "etcPasswd"), ("/", "label"), ("", "label"), ("é", "é"),
    ("头发", "头发"), ("上衣 外套", "上衣外套"),
    (".hidden", "hidden"), ("a\0b", "aB"),
  ])
  func fileNamesAreLowerCamelAndHarmless(name: String, fileName: String) {
    #expect(Label(name).fileName == fileName)
  }

  @Test func aLabelShowsTheModelsName() {
    let label: Label = "Left-shoe"
    #expect("\(label)" == "Left-shoe" && label.name == "Left-shoe" && label == .leftShoe)
  }

  @Test func differentLabelsHaveDifferentFileNames() {
    let labels = ["头发", "脸", "a/b", "a b?", "A-b", "!", "?", "aB2"].map { Label($0) }
    let names = Label.distinctFileNames(of: labels)
    #expect(Set(names.map { $0.lowercased() }).count == labels.count, "\(names)")
    #expect(names[0] == "头发" && names[2] == "aB" && names.last == "aB2")
    #expect(Label(String(repeating: "头", count: 200)).fileName.utf8.count <= 200)
  }
}
