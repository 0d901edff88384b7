import ArgumentParser
import HumanParsing

/// Flags for the choice of input pictures.
struct InputOptions: ParsableArguments {
  @Flag(help: "Search subfolders for pictures too.")
  var recursive = false

  @Flag(help: "Skip pictures whose results all exist.")
  var skipExisting = false

  @Flag(help: "Replace files in the place of results that m2fp did not write.")
  var overwrite = false

  @Flag(help: "Keep the picture's extension in the names of its results: photo.jpg.labels.png.")
  var keepExtension = false

  func list(_ arguments: [String]) -> InputList {
    let list = InputList(arguments: arguments, recursive: recursive, keepingExtensions: keepExtension)
    list.notePassedOver()
    return list
  }
}

extension InputList {
  private static let mostNamed = 3

  /// Logs which pictures were passed over because their formats are not read.
  func notePassedOver() {
    guard !passedOver.isEmpty else { return }
    let names = passedOver.prefix(Self.mostNamed).joined(separator: ", ")
    let others = passedOver.count > Self.mostNamed ? " and \(passedOver.count - Self.mostNamed) more" : ""
    logger.warning(
      "\(names)\(others): passed over, since PNG, JPEG, WebP, TIFF, HEIC, AVIF and OpenEXR are read and no others")
  }
}

extension [InputList.Refusal] {
  /// Logs what was refused, and returns the highest exit status.
  func report() -> ExitReason {
    for refusal in self { logger.error("\(refusal.path): \(refusal.failure.message)") }
    return map(\.failure.status).max() ?? .success
  }
}

extension BatchSummary {
  /// Logs the outcome of a run of several pictures, and how to resume it.
  ///
  /// - Parameter verb: The past participle of the action, such as "parsed".
  func report(verb: String) {
    if total > 1 { logger.notice("\(text(verb: verb))") }
    if isInterrupted, left > 0 {
      logger.notice("Interrupted; the same command with --skip-existing goes on from here.")
    }
  }
}
