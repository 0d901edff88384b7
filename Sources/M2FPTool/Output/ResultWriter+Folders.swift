import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import Platform

extension ResultWriter {
  /// Files that the folders of results contain for every picture.
  var folderFiles: [OutputKind: [String]] {
    let masks = selection.masks.map { "\($0.name).png" }
    return [.parts: masks, .layers: masks, .mattes: masks + [MatteFile.person, MatteFile.background]]
  }

  func writeFolder(_ kind: OutputKind, of picture: inout ParsedPicture, to path: String) throws {
    if let stream {
      for (name, data) in try files(of: kind, &picture) {
        try stream.write(OwnFile.marked(data()), name: FilePath.join(path, name))
      }
      return
    }
    try ResultFolder.write(to: path, isOwn: PersonFile.isName, replacesOthers: overwrites) { folder in
      for (name, data) in try files(of: kind, &picture) {
        try Interrupt.checkUrgency()
        let file = FilePath.join(folder, name)
        let result = OwnFile.marked(try data()).withUnsafeBytes { bytes in
          Result { () throws(SystemError) in try OutputFile.create(file, bytes) }
        }
        try result.get()
      }
    }
  }

  /// Names of a folder's files and closures that encode them, so that only one encoded file is in memory at a time.
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
      let (mattes, masks) = (try picture.mattes.get(), selection.masks)
      let requests =
        masks.map { mattes.request($0.labels) } + people.map { ParsingMattes.Request([.human], people: [$0]) }
        + [mattes.request([.human]), .init([.human])]
      var made = try mattes.mattes(of: requests)
      made.append(made.removeLast().inverted())
      let names = masks.map { "\($0.name).png" } + people.map { PersonFile.name($0 + 1) }
      return zip(names + [MatteFile.person, MatteFile.background], made).map { name, matte in
        (name, { try data(of: matte) })
      }
    case .layers:
      let (mattes, masks) = (try picture.mattes.get(), selection.masks)
      return zip(masks, try mattes.mattes(of: masks.map { mattes.request($0.labels) })).map { mask, matte in
        ("\(mask.name).png", { try PhotoLayer(of: mattes.photo, under: matte).pngData(layers) })
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

/// Names of the mattes that do not belong to a part.
enum MatteFile {
  static let person = "person.png"
  static let background = "background.png"

  /// Whether a name is not available for a user's group, because another file has it.
  static func isTaken(_ name: String) -> Bool {
    let file = name.lowercased() + ".png"
    return file == person || file == background || PersonFile.isName(file)
  }
}

/// Names of the masks of people: `p01.png`, `p02.png`, …
package enum PersonFile {
  package static func name(_ number: Int) -> String { "p\(number < 10 ? "0" : "")\(number).png" }

  package static func isName(_ text: String) -> Bool {
    guard text.hasPrefix("p"), text.hasSuffix(".png"), let number = Int(text.dropFirst().dropLast(4)) else {
      return false
    }
    return number > 0 && name(number) == text
  }
}
