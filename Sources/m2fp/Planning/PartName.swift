/// Names of classes as users write them and as files carry them.
package enum PartName {
  /// A class's name in files: lower case, words joined by hyphens. "UpperClothes" gives "upper-clothes".
  package static func fileName(of name: String) -> String {
    var result = ""
    var previous: Character = "-"
    for character in name {
      if character.isUppercase, previous.isLowercase || previous.isNumber { result.append("-") }
      let isWord = character.isLetter || character.isNumber
      if isWord { result += character.lowercased() } else if !result.hasSuffix("-") { result.append("-") }
      previous = character
    }
    return result
  }

  /// The class that `text` means, whatever its case and however its words are joined.
  package static func index(of text: String, in names: [String]) -> Int? {
    let wanted = letters(of: text)
    return wanted.isEmpty ? nil : names.firstIndex { letters(of: $0) == wanted }
  }

  private static func letters(of name: String) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}
