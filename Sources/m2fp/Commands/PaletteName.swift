import ArgumentParser
import MaskMerging

/// The palettes that `--palette` knows.
enum PaletteName: String, CaseIterable, ExpressibleByArgument {
  case film, lip

  var palette: Palette {
    switch self {
    case .film: .film
    case .lip: .lip
    }
  }
}
