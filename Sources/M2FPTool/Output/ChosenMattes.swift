import HumanParsing
import ImageCoding
import MaskMerging

/// Mattes and layers of the selection in one picture.
struct ChosenMattes {
  let photo: Photo
  /// Mattes of everything in the picture, whose edges are not changed.
  let all: ParsingMattes
  private let selection: Selection
  private let edges: EdgeControls

  init(
    of parsing: Parsing, photo: Photo, selection: Selection, refinement: MatteRefinement?, edges: EdgeControls
  ) throws {
    self.photo = photo
    self.selection = selection
    self.edges = edges
    all = try parsing.mattes(from: photo.image, refinement: refinement)
  }

  /// The matte of some labels over the selected people.
  func matte(of labels: [Label]) throws -> Matte {
    try all.matte(of: labels, people: selection.people).adjusted(edges)
  }

  /// The matte of the whole selection.
  func union() throws -> Matte { try matte(of: selection.union) }

  /// The matte of one person, whether selected or not; empty if there is no such person.
  ///
  /// - Parameter index: Index of the person in the parsing.
  func matte(ofPerson index: Int) throws -> Matte {
    try matte(of: [.human], ofPerson: index)
  }

  /// The matte of some labels of one person.
  func matte(of labels: [Label], ofPerson index: Int) throws -> Matte {
    try all.matte(of: labels, people: [index]).adjusted(edges)
  }

  /// The complement of the matte of all people, whatever the selection.
  func background() throws -> Matte {
    try all.matte(of: [.human]).adjusted(edges).inverted()
  }

  /// The photo with the matte of some labels as alpha, times its own alpha.
  func layer(of labels: [Label]) throws -> PhotoLayer { try PhotoLayer(of: photo, under: matte(of: labels)) }

  /// The layer of the whole selection.
  func cutout() throws -> PhotoLayer { try layer(of: selection.union) }
}

/// Bit depth of matte files.
enum MatteDepth: Int, CaseIterable {
  case eight = 8
  case sixteen = 16
}
