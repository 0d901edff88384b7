import ArgumentParser
import Foundation
import HumanParsing
import MaskMerging

/// Flags for the colors of the merged picture.
struct ColorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Colors of the merged picture: film, lip, or a file of labels and colors in JSON or CSV.",
      valueName: "film|lip|file"))
  var palette: PaletteArgument = .film

  @Option(help: "Smoothing of the merged picture: none, a 3 x 3 median, or antialiased edges.")
  var smoothing: SmoothingArgument?

  @Option(help: "Paint the parts over each other, with the most confident or the smallest on top.")
  var order: OrderArgument?

  /// The given flags that affect only the result `color`, for error messages.
  var given: [String] { (smoothing == nil ? [] : ["--smoothing"]) + (order == nil ? [] : ["--order"]) }
}

enum SmoothingArgument: String, CaseIterable, ExpressibleByArgument {
  case none, median, antialiased

  var smoothing: Smoothing {
    switch self {
    case .none: .none
    case .median: .median3x3
    case .antialiased: .antialiased
    }
  }
}

enum OrderArgument: String, CaseIterable, ExpressibleByArgument {
  case confidence, area

  var order: PaintOrder {
    switch self {
    case .confidence: .byConfidence
    case .area: .byArea
    }
  }
}

/// Name of a palette, or path of a palette file, which contains a dot or a slash.
enum PaletteArgument: ExpressibleByArgument, Equatable {
  case film, lip
  case file(String)

  init?(argument: String) {
    switch argument {
    case "film": self = .film
    case "lip": self = .lip
    default:
      guard argument.contains(where: { $0 == "." || $0 == "/" }) else { return nil }
      self = .file(argument)
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .film: "film"
    case .lip: "lip"
    case .file(let path): path
    }
  }

  /// The palette. Labels of a file that the model does not have are logged as a warning.
  ///
  /// - Parameter classes: Classes of the model.
  /// - Throws: ``Failure``: `noInput` if there is no such file, `badData` if it is not a palette.
  func palette(for classes: [Label]) throws(Failure) -> Palette {
    switch self {
    case .film: return .film
    case .lip: return .lip
    case .file(let path):
      switch FilePath.kind(of: path) {
      case .success(.file): break
      case .success(.folder): throw Failure(.noInput, "--palette: expected a file, found the folder \(path)")
      case .success(.other(let kind)): throw Failure(.noInput, "--palette: expected a file, found \(path), \(kind)")
      case .failure(let cause): throw Failure(.noInput, "--palette: \(path): \(cause)")
      }
      do {
        let palette = try Palette(contentsOf: FilePath.url(path))
        let strange = palette.labels.filter { !classes.contains($0) }
        if !strange.isEmpty {
          let names = strange.map(\.name).joined(separator: ", ")
          logger.warning("\(path): the model has no part of these names: \(names)")
        }
        return palette
      } catch {
        throw Failure(.badData, "--palette: \(path): \(error)")
      }
    }
  }
}
