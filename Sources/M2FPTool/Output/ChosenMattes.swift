import HumanParsing
import ImageCoding
import MaskMerging

/// Mattes and layers of what a command line chooses in one picture.
struct ChosenMattes {
  let photo: RGBImage
  private let mattes: ParsingMattes
  private let selection: Selection
  private let edges: EdgeControls

  init(
    of parsing: Parsing, photo: RGBImage, selection: Selection, refinement: MatteRefinement?, edges: EdgeControls
  ) throws {
    self.photo = photo
    self.selection = selection
    self.edges = edges
    mattes = try parsing.mattes(from: photo, refinement: refinement)
  }

  /// The matte of some labels of the people who are chosen.
  func matte(of labels: [Label]) throws -> Matte {
    try mattes.matte(of: labels, people: selection.people).adjusted(edges)
  }

  /// The matte of everything that is chosen.
  func union() throws -> Matte { try matte(of: selection.union) }

  /// The matte of one person, chosen or not; nobody's is empty.
  ///
  /// - Parameter index: Into the parsing's people.
  func matte(ofPerson index: Int) throws -> Matte {
    try mattes.matte(of: [.human], people: [index]).adjusted(edges)
  }

  /// What the matte of all people leaves, whoever is chosen.
  func background() throws -> Matte {
    try mattes.matte(of: [.human]).adjusted(edges).inverted()
  }

  /// The photo under the matte of some labels; what the matte hides is black.
  func layer(of labels: [Label]) throws -> RGBAImage {
    try matte(of: labels).layer(of: photo).clearingHiddenColors()
  }

  /// The layer of everything that is chosen.
  func cutout() throws -> RGBAImage { try layer(of: selection.union) }
}

/// Bits of a pixel in the file of a matte.
enum MatteDepth: Int, CaseIterable {
  case eight = 8
  case sixteen = 16
}
