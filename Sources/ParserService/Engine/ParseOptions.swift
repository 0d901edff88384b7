package import HumanParsing
package import MaskMerging

/// Options of a request to parse a picture; equal options give equal responses.
package struct ParseOptions: Sendable, Hashable {
  /// Values of the query parameter `palette`.
  package enum PaletteName: String, Sendable, CaseIterable {
    case film, lip

    package var palette: Palette { self == .film ? .film : .lip }
  }

  /// Values of the query parameter `output`: a file or folder of an archive, or the picture of a PNG response.
  package enum Output: String, Sendable, CaseIterable {
    /// `parts/LABEL.png`: one soft mask per class.
    case parts
    /// `people/p01.png` …: one soft mask per person.
    case people
    /// `masks/p01-LABEL.png` …: one soft mask for each part of each person.
    case masks
    case labels, color, cutout, overlay
    case json

    /// Whether the output is a single picture.
    package var isPicture: Bool { [.labels, .color, .cutout, .overlay].contains(self) }
  }

  /// Form of the response.
  package enum Form: Sendable, Hashable {
    /// JSON with all results.
    case parse
    /// JSON with the list of masks only.
    case masks
    /// One PNG file.
    case picture(Output)
    /// A ZIP archive of files.
    case archive(Set<Output>)
  }

  /// Classes that masks and cutout are limited to; `nil` for all classes of the model.
  package var parts: [Label]?
  /// Numbers, from 1, of the people that results are limited to; `nil` for all people.
  package var people: Set<Int>?
  package var palette = PaletteName.film
  /// Order in which masks are painted over each other; with `nil`, each pixel has the color of its class.
  package var order: PaintOrder?
  package var smoothing = Smoothing.none
  /// Second look at small people; `nil` for that of the service.
  package var detail: Detail?
  package var form: Form

  package init(form: Form) { self.form = form }

  /// Contents of an archive if the request names none.
  package static let archiveDefault: Set<Output> = [.parts, .people, .masks, .labels, .color, .cutout, .json]
}
