import HumanParsing
import MaskMerging

/// The parts and people that a command line chooses.
struct Selection {
  /// The classes of the model.
  let classes: [Label]
  /// Parts that are chosen one by one; nil where none are named.
  let labels: [Label]?
  /// Groups that are chosen as a whole.
  let groups: [LabelGroup]
  /// Indices of people; nil for everybody and what belongs to nobody.
  let people: [Int]?

  /// What gets a mask of its own, with the name of its file: chosen parts and groups, or all parts of the model.
  var masks: [(name: String, labels: [Label])] {
    let all = classes.filter { $0 != .background && $0 != .human }
    let single = labels ?? (groups.isEmpty ? all : [])
    return single.map { ($0.fileName, [$0]) } + groups.map { ($0.name, $0.labels) }
  }

  /// What is chosen as one: the union of parts and groups, or whole people.
  var union: [Label] {
    if labels == nil, groups.isEmpty { return [.human] }
    return (labels ?? []) + groups.flatMap(\.labels)
  }

  /// Indices of the people in a picture who are chosen.
  func people(in parsing: Parsing) -> [Int] {
    parsing.people.indices.filter { people?.contains($0) ?? true }
  }

  /// Whether a picture shows anything of what is chosen.
  func isFound(in parsing: Parsing) -> Bool {
    let wanted = Set(union)
    if wanted.contains(.background) { return true }
    if wanted.contains(.human), !people(in: parsing).isEmpty { return true }
    return parsing.parts.contains { part in
      part.score >= parsing.minimumScore && (wanted.contains(.human) || wanted.contains(part.label))
        && people.map { part.person.map($0.contains) ?? false } ?? true
    }
  }

  /// Says which people are chosen whom a picture does not show. Nothing of them is in its results, which is no failure:
  /// in a sequence, people come and go.
  func noteMissingPeople(in parsing: Parsing, name: String) {
    for index in people ?? [] where !parsing.people.indices.contains(index) {
      notes.notice("\(name): there is no person \(index + 1), the picture shows \(parsing.people.count)")
    }
  }
}
