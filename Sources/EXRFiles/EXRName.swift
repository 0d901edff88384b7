/// Names of layers that compositors show as they are: Nuke splits names at dots, drops digits in front and turns punctuation
/// into underscores, so that names have none of these.
package enum EXRName {
  /// Longest name of a layer in bytes: with a dot and a letter it is the name of a channel.
  package static let longest = 29

  /// `upperClothes` as `upper_clothes`: letters, digits and underscores of ASCII, a letter first.
  package static func layer(_ name: String) -> String {
    var result = ""
    for character in name.unicodeScalars {
      let isUpper = ("A"..."Z").contains(character)
      if isUpper, let last = result.last, last != "_" { result += "_" }
      let isKept = isUpper || ("a"..."z").contains(character) || ("0"..."9").contains(character)
      result += isKept ? String(character).lowercased() : "_"
    }
    if result.first.map({ !("a"..."z").contains($0) }) ?? true { result = "m" + result }
    return String(result.prefix(longest))
  }

  /// Names of several layers, with a number at the end of one that an earlier layer has.
  package static func layers(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      let first = layer(name)
      var (result, number) = (first, 1)
      while !taken.insert(result).inserted {
        number += 1
        result = first.prefix(longest - "\(number)".count) + "\(number)"
      }
      return result
    }
  }
}
