import Platform

/// Photographs with their ground truth, matched by the stem of their names.
package struct EvaluationSamples: Equatable, Sendable {
  package struct Sample: Equatable, Sendable {
    package var image: String
    /// Label map, if there is one.
    package var labels: String?
    /// Map of persons, if there is one.
    package var instances: String?
  }

  /// Sorted by the photographs' names.
  package private(set) var samples: [Sample] = []
  /// Photographs without ground truth, and ground truth without a photograph.
  package private(set) var unmatched: [String] = []

  /// Lists what is to be evaluated; a photograph belongs to it if it has a label map, a map of persons or both.
  ///
  /// - Parameters:
  ///   - images: Folder of photographs.
  ///   - labels: Folder of label maps; `nil` if there are none.
  ///   - instances: Folder of maps of persons; `nil` if there are none.
  /// - Throws: ``Failure`` (no input) if a folder cannot be read, or nothing in them matches; (usage) if two files of
  ///   one folder have the same stem, so that nobody can tell which is meant.
  package init(images: String, labels: String?, instances: String? = nil) throws(Failure) {
    let imageFiles = try Self.pictures(in: images) { _ in true }
    let labelFiles = try Self.maps(in: labels)
    let instanceFiles = try Self.maps(in: instances)
    for (stem, image) in imageFiles.sorted(by: { $0.value < $1.value }) {
      let sample = Sample(image: image, labels: labelFiles[stem], instances: instanceFiles[stem])
      if sample.labels != nil || sample.instances != nil {
        samples.append(sample)
      } else {
        unmatched.append(image)
      }
    }
    for files in [labelFiles, instanceFiles] {
      unmatched += files.filter { imageFiles[$0.key] == nil }.values.sorted()
    }
    guard !samples.isEmpty else {
      let folders = [images, labels, instances].compactMap(\.self).joined(separator: " and ")
      throw Failure(.noInput, "\(folders): expected pictures and PNG labels of the same names, found none")
    }
  }

  private static func maps(in folder: String?) throws(Failure) -> [String: String] {
    guard let folder else { return [:] }
    return try pictures(in: folder) { $0.lowercased().hasSuffix(".png") }
  }

  private static func pictures(
    in folder: String, where isWanted: (String) -> Bool
  ) throws(Failure) -> [String: String] {
    var files: [String: String] = [:]
    let names: [String]
    do { names = try FileSystem.contents(of: folder) } catch { throw Failure(.noInput, "\(folder): \(error)") }
    for name in names where !name.hasPrefix(".") && PictureName.stem(of: name) != name && isWanted(name) {
      let path = FilePath.join(folder, name)
      if let other = files.updateValue(path, forKey: PictureName.stem(of: name)) {
        throw Failure(.usage, "\(other) and \(path) have the same name up to the extension; only one can be meant")
      }
    }
    return files
  }
}
