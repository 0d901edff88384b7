import ArgumentParser
import MaskMerging

/// Flags for the selection of parts and people.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: [.customLong("parts"), .customLong("part")],
    help: ArgumentHelp(
      "Parts and groups of parts, separated by commas, such as hair,face or clothes; repeatable, all if absent.",
      valueName: "list"))
  var parts: [String] = []

  @Option(
    name: .customLong("group"),
    help: ArgumentHelp(
      "Several parts as one: skin, clothes, head, arms, legs, shoes, or a new group such as helmet=hat+sunglasses; "
        + "repeatable.",
      valueName: "name[=part+...]"))
  var groups: [GroupArgument] = []

  @Option(help: ArgumentHelp("Numbers of people, as in photo.json, such as 1,3; all if absent.", valueName: "list"))
  var people: CommaList<Int>?

  /// The given flags, for error messages.
  var given: [String] {
    (parts.isEmpty ? [] : ["--parts"]) + (groups.isEmpty ? [] : ["--group"]) + (people == nil ? [] : ["--people"])
  }

  func validate() throws {
    if let number = people?.elements.first(where: { $0 < 1 }) {
      throw ValidationError("--people: expected numbers from 1, found \(number)")
    }
    var names: Set<String> = []
    for group in groups where !names.insert(group.name.lowercased()).inserted {
      throw ValidationError("--group: expected each name once, found \(group.name) twice")
    }
  }

  /// The selection among the classes of a model.
  ///
  /// - Throws: ``Failure`` (usage) for parts that the model does not have, and for invalid groups.
  func selection(among classes: [Label]) throws(Failure) -> Selection {
    var known = LabelGroup.standard
    var chosen: [LabelGroup] = []
    for group in groups {
      let resolved = try group.resolved(among: classes, groups: known)
      known.append(resolved)
      chosen.append(resolved)
    }
    var labels: [Label]?
    if !parts.isEmpty {
      do {
        labels = try Label.resolve(parts.joined(separator: ","), among: classes, groups: known)
      } catch {
        throw Failure(.usage, "--parts: \(error)")
      }
    }
    return Selection(classes: classes, labels: labels, groups: chosen, people: people?.elements.map { $0 - 1 })
  }
}

/// A group as the value of `--group`: `skin`, or `skin=face+left-arm`.
struct GroupArgument: ExpressibleByArgument {
  let name: String
  /// Comma-separated members; `nil` for an existing group.
  let members: String?

  init?(argument: String) {
    let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    // The name is used as a file name.
    guard let name = sides.first, !name.isEmpty,
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    else { return nil }
    self.name = name
    members = sides.count == 2 ? sides[1].replacing("+", with: ",") : nil
  }

  func resolved(among classes: [Label], groups: [LabelGroup]) throws(Failure) -> LabelGroup {
    guard !classes.contains(Label(name)), !MatteFile.isTaken(name) else {
      throw Failure(.usage, "--group: expected a name that nothing else has, found \(name)")
    }
    do {
      return LabelGroup(name, try Label.resolve(members ?? "@" + name, among: classes, groups: groups))
    } catch {
      throw Failure(.usage, "--group \(name): \(error)")
    }
  }
}
