import HumanParsing
import MaskMerging

/// The parts and people that a command selects.
struct Selection {
  /// Classes of the model.
  let classes: [Label]
  /// Parts selected individually; `nil` if none are named.
  let labels: [Label]?
  /// Groups selected as a whole.
  let groups: [LabelGroup]
  /// Indices of people; `nil` for all people and the parts that belong to nobody.
  let people: [Int]?

  /// The masks to write and their names: those of the selected parts and groups, or of all parts of the model.
  var masks: [(name: String, labels: [Label])] {
    let all = classes.filter { $0 != .background && $0 != .human }
    let single = labels ?? (groups.isEmpty ? all : [])
    let names = Label.distinctFileNames(of: single)
    return zip(names, single).map { ($0, [$1]) } + groups.map { ($0.name, $0.labels) }
  }

  /// Whether parts or groups are selected.
  var isOfParts: Bool { labels != nil || !groups.isEmpty }

  /// The labels of the whole selection: those of the selected parts and groups, or `human`.
  var union: [Label] {
    if labels == nil, groups.isEmpty { return [.human] }
    return (labels ?? []) + groups.flatMap(\.labels)
  }

  /// Indices of the selected people in a picture; without a selection, of those whose scores reach the model's threshold.
  func people(in parsing: Parsing) -> [Int] {
    parsing.people.indices.filter { index in
      people?.contains(index) ?? (parsing.people[index].score >= parsing.minimumPersonScore)
    }
  }

  /// Whether anything of the selection is in a picture.
  func isFound(in parsing: Parsing) -> Bool {
    let wanted = Set(union)
    if wanted.contains(.background) { return true }
    if wanted.contains(.human), !people(in: parsing).isEmpty { return true }
    return parsing.parts.contains { part in
      part.score >= parsing.minimumScore && (wanted.contains(.human) || wanted.contains(part.label))
        && people.map { part.person.map($0.contains) ?? false } ?? true
    }
  }

  /// Logs which selected people are not in a picture. Their results are empty, which is not a failure, because people enter
  /// and leave in a sequence.
  func noteMissingPeople(in parsing: Parsing, name: String) {
    for index in people ?? [] where !parsing.people.indices.contains(index) {
      logger.notice("\(name): there is no person \(index + 1), the picture shows \(parsing.people.count)")
    }
  }
}
