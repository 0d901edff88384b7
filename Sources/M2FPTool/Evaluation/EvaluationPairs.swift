/// Photographs and their labels, matched by the stem of their names.
package struct EvaluationPairs: Equatable, Sendable {
  package struct Pair: Equatable, Sendable {
    package var image: String
    package var labels: String
  }

  /// Sorted by the photographs' names.
  package private(set) var pairs: [Pair] = []
  /// Photographs without labels, and labels without a photograph.
  package private(set) var unmatched: [String] = []

  /// - Throws: ``Failure`` (no input) if a folder cannot be read, or nothing in them matches; (usage) if two files of
  ///   one folder have the same stem, so that nobody can tell which is meant.
  package init(images: String, labels: String) throws(Failure) {
    let imageFiles = try Self.pictures(in: images) { _ in true }
    let labelFiles = try Self.pictures(in: labels) { $0.lowercased().hasSuffix(".png") }
    for (stem, image) in imageFiles.sorted(by: { $0.value < $1.value }) {
      if let labels = labelFiles[stem] {
        pairs.append(Pair(image: image, labels: labels))
      } else {
        unmatched.append(image)
      }
    }
    unmatched += labelFiles.filter { imageFiles[$0.key] == nil }.values.sorted()
    guard !pairs.isEmpty else {
      throw Failure(.noInput, "\(images) and \(labels): expected pictures and PNG labels of the same names, found none")
    }
  }

  private static func pictures(
    in folder: String, where isWanted: (String) -> Bool
  ) throws(Failure) -> [String: String] {
    var files: [String: String] = [:]
    let names: [String]
    do { names = try FilePath.contents(of: folder) } catch { throw Failure(.noInput, "\(folder): \(error)") }
    for name in names where !name.hasPrefix(".") && PictureName.stem(of: name) != name && isWanted(name) {
      let path = FilePath.join(folder, name)
      if let other = files.updateValue(path, forKey: PictureName.stem(of: name)) {
        throw Failure(.usage, "\(other) and \(path) have the same name up to the extension; only one can be meant")
      }
    }
    return files
  }
}
