import MaskMerging
import Testing

@Suite(.timeLimit(.minutes(10))) struct LabelGroupTests {
  private static let classes: [Label] = [
    .background, .hat, .hair, .upperClothes, .pants, .face, .leftArm, .rightArm, .leftLeg, "Arms", .human,
  ]

  @Test(
    arguments: [
      ("hair", [.hair]), (" left-arm , HAIR ", [.leftArm, .hair]), ("hair,hair", [.hair]),
      ("skin", [.face, .leftArm, .rightArm, .leftLeg]), ("@clothes", [.hat, .upperClothes, .pants]),
      ("hair,@Head", [.hair, .hat, .face]), ("arms", ["Arms"]), ("@arms", [.leftArm, .rightArm]),
      ("mine", [.pants, .human]),
    ] as [(String, [Label])])
  func listsNameLabelsAndGroups(list: String, labels: [Label]) throws {
    let groups = LabelGroup.standard + [LabelGroup("mine", [.hair]), LabelGroup("Mine", [.pants, .human, .dress])]
    #expect(try Label.resolve(list, among: Self.classes, groups: groups) == labels)
  }

  @Test(arguments: ["", "hair,", "@hair", "handbag", "@", "@nobody", "shoes"])
  func whatIsUnknownIsRefused(list: String) {
    expectError(.unknownLabel, saying: "upperClothes") { _ = try Label.resolve(list, among: Self.classes) }
  }

  @Test func aRefusalListsTheGroups() {
    expectError(.unknownLabel, saying: "handbag", "@skin, @clothes, @head") {
      _ = try Label.resolve("handbag", among: Self.classes)
    }
  }

  @Test func groupsAreDefinedInOneLine() throws {
    let group = try LabelGroup(definition: "top = hair, @arms,left-arm", among: Self.classes)
    #expect(group == LabelGroup("top", [.hair, .leftArm, .rightArm]))
    for text in ["top", "=hair", "@a=hair", "a,b=hair", "a=", "a=handbag"] {
      expectError(.unknownLabel) { _ = try LabelGroup(definition: text, among: Self.classes) }
    }
  }
}
