import Foundation
import HumanParsing
import ImageCoding
import MaskMerging

extension ResultWriter {
  /// What the folders of results hold for every picture.
  var folderFiles: [OutputKind: [String]] {
    let masks = selection.masks.map { "\($0.name).png" }
    return [.parts: masks, .layers: masks, .mattes: masks + [MatteFile.person, MatteFile.background]]
  }

  func writeFolder(_ kind: OutputKind, of picture: inout ParsedPicture, to path: String) throws {
    try ResultFolder.write(to: path, isOwn: PersonFile.isName) { folder in
      for (name, data) in try files(of: kind, &picture) {
        try data().write(to: URL(filePath: FilePath.join(folder, name)))
      }
    }
  }

  /// Names of a folder's files, and what makes their bytes: one after the other, so that memory holds one at a time.
  private func files(
    of kind: OutputKind, _ picture: inout ParsedPicture
  ) throws -> [(name: String, data: () throws -> Data)] {
    let parsing = picture.parsing
    let people = selection.people(in: parsing)
    switch kind {
    case .people:
      return people.map { index in
        (PersonFile.name(index + 1), { try parsing.people[index].mask.alpha8().pngData() })
      }
    case .mattes:
      let mattes = try picture.mattes.get()
      return selection.masks.map { mask in
        ("\(mask.name).png", { try data(of: mattes.matte(of: mask.labels)) })
      }
        + people.map { index in (PersonFile.name(index + 1), { try data(of: mattes.matte(ofPerson: index)) }) }
        + [
          (MatteFile.person, { try data(of: mattes.matte(of: [.human])) }),
          (MatteFile.background, { try data(of: mattes.background()) }),
        ]
    case .layers:
      let mattes = try picture.mattes.get()
      return selection.masks.map { mask in
        ("\(mask.name).png", { try mattes.layer(of: mask.labels).pngData() })
      }
    default:
      return selection.masks.map { mask in
        (
          "\(mask.name).png",
          { try parsing.mask(of: mask.labels, people: selection.people).alpha8().pngData() }
        )
      }
    }
  }

  private func data(of matte: Matte) throws -> Data {
    switch matteDepth {
    case .eight: try matte.image8().pngData()
    case .sixteen: try matte.image16().pngData()
    }
  }
}

/// Names of the mattes that are of no part.
enum MatteFile {
  static let person = "person.png"
  static let background = "background.png"

  /// True for what a group of the user's may not be called, lest its file take the place of another.
  static func isTaken(_ name: String) -> Bool {
    let file = name.lowercased() + ".png"
    return file == person || file == background || PersonFile.isName(file)
  }
}

/// Names of the masks of people: `p01.png` and on.
package enum PersonFile {
  package static func name(_ number: Int) -> String { "p\(number < 10 ? "0" : "")\(number).png" }

  package static func isName(_ text: String) -> Bool {
    guard text.hasPrefix("p"), text.hasSuffix(".png"), let number = Int(text.dropFirst().dropLast(4)) else {
      return false
    }
    return number > 0 && name(number) == text
  }
}
