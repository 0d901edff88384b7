/// A name for several labels, such as `skin` for face, arms, legs and the skin of the torso.
public struct LabelGroup: Sendable, Hashable {
  /// What the group is asked for by, in upper or lower case.
  public let name: String
  /// Without repetition.
  public let labels: [Label]

  /// A group of the given labels; those that are repeated count once.
  public init(_ name: String, _ labels: [Label]) {
    self.name = name
    var seen: Set<Label> = []
    self.labels = labels.filter { seen.insert($0).inserted }
  }

  /// Reads `name=label,label,…`; a group's name, with or without `@`, stands for its labels.
  ///
  /// - Parameters:
  ///   - definition: Such as `skin=face,@arms`.
  ///   - classes: The model's labels.
  ///   - groups: What may be named.
  /// - Throws: `unknownLabel` that says what is wrong and lists what is known.
  public init(
    definition: String, among classes: [Label], groups: [LabelGroup] = LabelGroup.standard
  ) throws {
    let sides = definition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = sides[0].trimmed
    guard sides.count == 2, !name.isEmpty, !name.contains(where: { "@,".contains($0) }) else {
      throw MaskMergingError(
        .unknownLabel, "a group is written name=label,label,… but \"\(definition)\" is given")
    }
    self.init(name, try Label.resolve(String(sides[1]), among: classes, groups: groups))
  }

  /// Face, arms, legs and the skin of the torso.
  public static let skin = LabelGroup("skin", [.face, .leftArm, .rightArm, .leftLeg, .rightLeg, .torsoSkin])
  /// Everything that is worn, hat and shoes included, sunglasses not.
  public static let clothes = LabelGroup(
    "clothes",
    [.upperClothes, .coat, .dress, .jumpsuits, .pants, .skirt, .scarf, .socks, .glove, .hat, .leftShoe, .rightShoe])
  /// Face, hair, hat and sunglasses.
  public static let head = LabelGroup("head", [.face, .hair, .hat, .sunglasses])
  /// Both arms.
  public static let arms = LabelGroup("arms", [.leftArm, .rightArm])
  /// Both legs.
  public static let legs = LabelGroup("legs", [.leftLeg, .rightLeg])
  /// Both shoes.
  public static let shoes = LabelGroup("shoes", [.leftShoe, .rightShoe])

  /// The groups that exist without being defined.
  public static let standard = [skin, clothes, head, arms, legs, shoes]
}

extension Label {
  /// The labels that a list such as `hair,face,@clothes` names, in its order and without repetition.
  ///
  /// An entry is a label or a group; where a label and a group have the same name, the label is meant, and `@` before it
  /// means the group. Labels of a group that the model does not have are left out.
  /// - Parameters:
  ///   - list: Names with commas between them; spaces around them do not matter.
  ///   - classes: The model's labels.
  ///   - groups: The groups that may be named; of groups with the same name, the last one is meant.
  /// - Throws: ``MaskMergingError`` with the code `unknownLabel` for a name that is neither a label nor a group, for an
  ///   empty list, and for a group of which the model has no label; the message lists what is known.
  public static func resolve(
    _ list: String, among classes: [Label], groups: [LabelGroup] = LabelGroup.standard
  ) throws -> [Label] {
    var seen: Set<Label> = []
    return try list.split(separator: ",", omittingEmptySubsequences: false)
      .flatMap { try labels(named: $0.trimmed, among: classes, groups: groups) }
      .filter { seen.insert($0).inserted }
  }

  private static func labels(
    named name: String, among classes: [Label], groups: [LabelGroup]
  ) throws -> [Label] {
    let isGroup = name.hasPrefix("@")
    if !isGroup, let label = classes.first(where: { $0 == Label(name) }) { return [label] }
    let bare = (isGroup ? String(name.dropFirst()) : name).lowercased()
    guard !bare.isEmpty, let group = groups.last(where: { $0.name.lowercased() == bare }) else {
      throw MaskMergingError(
        .unknownLabel,
        "there is no \(isGroup ? "group" : "label or group") \"\(name)\"; labels: "
          + "\(classes.map(\.fileName).joined(separator: ", ")); groups: \(known(groups))")
    }
    let labels = classes.filter(Set(group.labels).contains)
    guard !labels.isEmpty else {
      throw MaskMergingError(
        .unknownLabel,
        "the model has no label of the group \"\(group.name)\"; its labels: "
          + classes.map(\.fileName).joined(separator: ", "))
    }
    return labels
  }

  private static func known(_ groups: [LabelGroup]) -> String {
    var seen: Set<String> = []
    return groups.map { "@" + $0.name }.filter { seen.insert($0.lowercased()).inserted }.joined(separator: ", ")
  }
}

extension Substring {
  /// Without white space at its ends.
  var trimmed: String {
    var rest = self
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
