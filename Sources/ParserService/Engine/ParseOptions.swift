package import MaskMerging

/// What a client wants to know of a picture; equal options give equal answers.
package struct ParseOptions: Sendable, Hashable {
  /// The palettes that `palette` knows.
  package enum PaletteName: String, Sendable, CaseIterable {
    case film, lip

    package var palette: Palette { self == .film ? .film : .lip }
  }

  /// One file or folder of an archive, one picture of an answer.
  package enum Output: String, Sendable, CaseIterable {
    /// `parts/LABEL.png`: one soft mask a class.
    case parts
    /// `people/p01.png` …: one soft mask a person.
    case people
    /// `masks/p01-LABEL.png` …: one soft mask for each part of each person.
    case masks
    case labels, color, cutout, overlay
    case json

    /// Whether it is one picture.
    package var isPicture: Bool { [.labels, .color, .cutout, .overlay].contains(self) }
  }

  /// The form of the answer.
  package enum Form: Sendable, Hashable {
    /// JSON with everything in it.
    case parse
    /// JSON, the masks alone.
    case masks
    /// One PNG.
    case picture(Output)
    /// A ZIP archive of files.
    case archive(Set<Output>)
  }

  /// The classes that are meant; nil for all of the model's.
  package var parts: [Label]?
  /// The people who are meant, by number from 1; nil for everybody.
  package var people: Set<Int>?
  package var palette = PaletteName.film
  /// In which order masks are painted over each other; nil gives each pixel the colour of its class.
  package var order: PaintOrder?
  package var smoothing = Smoothing.none
  package var form: Form

  package init(form: Form) { self.form = form }

  /// What an archive holds unless told otherwise.
  package static let archived: Set<Output> = [.parts, .people, .masks, .labels, .color, .cutout, .json]
}
