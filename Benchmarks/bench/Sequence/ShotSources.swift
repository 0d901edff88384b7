import ArgumentParser
import Foundation
import HumanParsing
import ImageCoding
import TensorCore

/// People and backgrounds of still photographs, of which test shots are made.
struct ShotSources {
  static let peopleCount = 4
  static let backgroundCount = 2

  private(set) var people: [Cutout] = []
  private(set) var backgrounds: [RGBImage] = []
  private let size: (width: Int, height: Int)
  private let pool: WorkerPool

  /// Share of the frame's height that a person has.
  private static let tall = 0.8
  /// Share of a photograph's height and area that a person must have.
  private static let least = (height: 0.5, area: 0.04)

  /// Backgrounds are wider than a frame by this share, so that the camera can move.
  static let margin = 0.2

  // MARK: Folders

  /// - Parameters:
  ///   - images: Folders of photographs.
  ///   - labels: Folders of their label maps: of one person each.
  ///   - instances: Folders of their maps of persons. Photographs without any become backgrounds.
  init(images: [String], labels: [String], instances: [String], size: (width: Int, height: Int), pool: WorkerPool)
    throws
  {
    (self.size, self.pool) = (size, pool)
    let (images, labels, instances) = (try Self.files(images), try Self.files(labels), try Self.files(instances))
    var empty: [URL] = []
    var cutouts: [Cutout] = []
    for (stem, url) in images.sorted(by: { $0.key < $1.key }) {
      if let map = labels[stem] {
        guard cutouts.count < 6 * Self.peopleCount else { continue }
        if let cutout = try cutout(of: url, labels: LabelMap(contentsOf: map)) { cutouts.append(cutout) }
      } else if let map = instances[stem] {
        if try LabelMap(contentsOf: map).indices.allSatisfy({ $0 == 0 }) { empty.append(url) }
      }
    }
    people = Self.spread(cutouts, Self.peopleCount)
    backgrounds = try Self.spread(empty, Self.backgroundCount).map { background(try RGBImage(contentsOf: $0)) }
    guard people.count == Self.peopleCount, backgrounds.count == Self.backgroundCount else {
      throw ValidationError(
        "expected label maps of \(Self.peopleCount) people and \(Self.backgroundCount) photographs whose maps of persons "
          + "are empty, found \(people.count) and \(backgrounds.count)")
    }
  }

  /// Files of folders by the stems of their names.
  private static func files(_ folders: [String]) throws -> [String: URL] {
    var files: [String: URL] = [:]
    for folder in folders {
      for url in try FileManager.default.contentsOfDirectory(
        at: URL(filePath: folder, directoryHint: .isDirectory), includingPropertiesForKeys: nil)
      where !url.lastPathComponent.hasPrefix(".") {
        files[url.deletingPathExtension().lastPathComponent] = url
      }
    }
    return files
  }

  /// Some elements, evenly spread.
  private static func spread<Element>(_ elements: [Element], _ count: Int) -> [Element] {
    elements.count <= count ? elements : (0..<count).map { elements[(2 * $0 + 1) * elements.count / (2 * count)] }
  }

  /// The only person of a photograph; `nil` if they are not seen from head to foot in most of it.
  private func cutout(of url: URL, labels: LabelMap) throws -> Cutout? {
    let photograph = try RGBImage(contentsOf: url)
    guard labels.width == photograph.width, labels.height == photograph.height else { return nil }
    let isInside = labels.indices.map { $0 != 0 && $0 != ClassOfNobody.index }
    let rows = isInside.indices.filter { isInside[$0] }.map { $0 / labels.width }
    guard let top = rows.min(), let bottom = rows.max(),
      Double(bottom - top) >= Self.least.height * Double(labels.height),
      Double(rows.count) >= Self.least.area * Double(labels.indices.count)
    else { return nil }
    // What nobody has labelled may belong to the person: such people are left out.
    guard labels.indices.count(where: { $0 == ClassOfNobody.index }) * 50 < rows.count else { return nil }
    return try cutout(photograph, isInside, labels.indices)
  }

  private func cutout(_ photograph: RGBImage, _ isInside: [Bool], _ labels: [UInt8]) throws -> Cutout? {
    try Cutout(
      photograph, isInside: isInside, labels: labels, height: Int(Self.tall * Double(size.height)), pool: pool)
  }

  private func background(_ photograph: RGBImage) -> RGBImage {
    photograph.covering(
      width: Int(Double(size.width) * (1 + Self.margin)), height: Int(Double(size.height) * (1 + Self.margin)),
      pool: pool)
  }

  // MARK: Samples

  /// People of the package's own samples. The truth about them is what a parser sees in the photographs.
  ///
  /// - Parameter folder: `Docs/Samples`.
  init(samples folder: URL, parser: HumanParser, size: (width: Int, height: Int), pool: WorkerPool) throws {
    (self.size, self.pool) = (size, pool)
    let names = ["two-people.jpg", "astronaut.png", "grace-hopper.jpg"]
    for name in names {
      let photograph = try RGBImage(contentsOf: folder.appending(path: name))
      let parsing = try parser.parse(photograph)
      var isFree = Array(repeating: true, count: photograph.width * photograph.height)
      for person in parsing.people where person.score >= 0.5 {
        let mask = person.mask.hard()
        let isInside = isFree.indices.map { mask[x: $0 % photograph.width, y: $0 / photograph.width] }
        for index in isFree.indices where isInside[index] { isFree[index] = false }
        guard people.count < Self.peopleCount,
          Double(person.box.height) >= Self.least.height * Double(photograph.height),
          let cutout = try cutout(photograph, isInside, parsing.labelMap.indices)
        else { continue }
        people.append(cutout)
      }
      if backgrounds.count < Self.backgroundCount {
        backgrounds.append(background(try photograph.largestPart(where: isFree)))
      }
    }
    guard people.count == Self.peopleCount else {
      throw ValidationError("expected \(Self.peopleCount) people in \(names), found \(people.count)")
    }
  }
}

extension RGBImage {
  /// The largest rectangle of the picture in which all pixels are wanted; the picture itself if there is none.
  fileprivate func largestPart(where isWanted: [Bool]) throws -> RGBImage {
    var heights = Array(repeating: 0, count: width)
    var best = (area: 0, x: 0, y: 0, width: width, height: height)
    for y in 0..<height {
      for x in 0..<width { heights[x] = isWanted[y * width + x] ? heights[x] + 1 : 0 }
      for left in stride(from: 0, to: width, by: 4) {
        var least = heights[left]
        for right in left..<width {
          least = min(least, heights[right])
          // A strip is no background.
          guard 3 * least >= right - left + 1 else { if least == 0 { break } else { continue } }
          let area = least * (right - left + 1)
          if area > best.area, right - left + 1 >= least {
            best = (area, left, y + 1 - least, right - left + 1, least)
          }
        }
      }
    }
    let (source, part) = (pixels, best)
    return try RGBImage(width: part.width, height: part.height) { target in
      for y in 0..<part.height {
        let start = 3 * ((part.y + y) * width + part.x)
        for index in 0..<3 * part.width { target[3 * y * part.width + index] = source[start + index] }
      }
    }
  }
}
