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

  /// The mattes that are asked for, computed in one pass, their edges changed.
  func mattes(of requests: [ParsingMattes.Request]) throws -> [Matte] {
    try all.mattes(of: requests).map { try $0.adjusted(edges) }
  }

  /// A request for some labels over the selected people.
  func request(_ labels: [Label]) -> ParsingMattes.Request { .init(labels, people: selection.people) }

  /// The matte of some labels over the selected people.
  func matte(of labels: [Label]) throws -> Matte { try mattes(of: [request(labels)])[0] }

  /// The matte of the whole selection.
  func union() throws -> Matte { try matte(of: selection.union) }

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
