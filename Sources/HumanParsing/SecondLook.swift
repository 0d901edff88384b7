package import ImageCoding
import M2FP
import MaskMerging

/// A second look at people whom the network has seen too small: each is parsed again in a crop of the picture, and what the
/// crop says of the person replaces what the whole picture did.
package struct SecondLook {
  private let first: Parsing
  private let image: RGBImage
  private let leastGain: Double
  /// Size that a picture of a size has in the network's input.
  private let seenSize: (_ height: Int, _ width: Int) -> (height: Int, width: Int)

  /// - Parameters:
  ///   - first: The parsing of the whole picture, of a network for several humans.
  ///   - image: The picture.
  ///   - leastGain: Least ratio of the resolutions that a crop and the whole picture are seen at.
  ///   - seenSize: Size that a picture of a size has in the network's input.
  package init(
    after first: Parsing, of image: RGBImage, leastGain: Double,
    seenSize: @escaping (_ height: Int, _ width: Int) -> (height: Int, width: Int)
  ) {
    self.first = first
    self.image = image
    self.leastGain = leastGain
    self.seenSize = seenSize
  }

  /// Share of a person's longer edge that a crop shows on both sides together.
  private static let margin = 0.25
  /// Largest ratio of a crop's edges, as far as the picture reaches.
  private static let longest = 2.0
  /// Most people that are looked at, of a picture of a crowd.
  private static let mostPeople = 32
  /// Least IoU of the masks in crop and picture of the same person.
  private static let leastIoU = 0.4

  /// A person as a crop shows them.
  private struct Look {
    /// Index into the people of the whole picture.
    let index: Int
    let crop: BoundingBox
    let parsing: Parsing
    let person: Person
    /// The person's mask in the whole picture.
    let mask: Mask
    /// Pixels of the mask in the crop, and of that in the whole picture.
    let pixels: BinaryMask
  }

  /// The parsing with everybody who was found again as their crop shows them.
  ///
  /// - Parameter parse: Parses a crop.
  package func parsing(_ parse: (RGBImage) throws -> Parsing) throws -> Parsing {
    var timings = first.timings
    var looks: [Look] = []
    for (index, crop) in regions {
      let second = try parse(image.cropped(to: crop))
      timings.add(second.timings)
      if let look = try look(at: index, in: crop, second) { looks.append(look) }
    }
    guard !looks.isEmpty else {
      var parsing = first
      parsing.timings = timings
      return parsing
    }
    var parsing = try merged(looks)
    parsing.timings = timings
    return parsing
  }

  /// The people who are looked at, and their crops.
  private var regions: [(index: Int, crop: BoundingBox)] {
    let whole = resolution(image.height, image.width)
    return first.people.enumerated().filter { $1.score >= first.minimumPersonScore }.prefix(Self.mostPeople)
      .compactMap { index, person in
        let crop = crop(around: person.box)
        return resolution(crop.height, crop.width) >= leastGain * whole ? (index, crop) : nil
      }
  }

  /// Pixels of the network's input to one of the picture; enlarging shows nothing new.
  private func resolution(_ height: Int, _ width: Int) -> Double {
    let seen = seenSize(height, width)
    return min(Double(max(seen.height, seen.width)) / Double(max(height, width)), 1)
  }

  private func crop(around box: BoundingBox) -> BoundingBox {
    let border = Self.margin * Double(max(box.width, box.height))
    let (width, height) = (Double(box.width) + border, Double(box.height) + border)
    return BoundingBox(
      columns: Self.range(box.x, box.width, max(width, height / Self.longest), image.width),
      rows: Self.range(box.y, box.height, max(height, width / Self.longest), image.height))
  }

  /// Pixels around the middle of an edge, within the picture.
  private static func range(_ start: Int, _ count: Int, _ length: Double, _ limit: Int) -> Range<Int> {
    let middle = Double(start) + Double(count) / 2
    return max(Int((middle - length / 2).rounded()), 0)..<min(Int((middle + length / 2).rounded(.up)), limit)
  }

  /// The person of the crop who is the one that it was made for; `nil` if the crop shows nobody like that.
  private func look(at index: Int, in crop: BoundingBox, _ parsing: Parsing) throws -> Look? {
    let before = first.people[index].mask.hard()
    var best: (iou: Double, look: Look)?
    for person in parsing.people where person.score >= first.minimumPersonScore {
      let mask = person.mask.placed(x: crop.x, y: crop.y, width: image.width, height: image.height)
      let now = mask.hard()
      let pixels = try now.union(before)
      let iou = Double(try now.intersection(before).area) / Double(max(pixels.area, 1))
      guard iou >= Self.leastIoU, iou > best?.iou ?? 0 else { continue }
      best = (
        iou, Look(index: index, crop: crop, parsing: parsing, person: person, mask: mask, pixels: pixels)
      )
    }
    return best?.look
  }

  // MARK: Merging

  private func merged(_ looks: [Look]) throws -> Parsing {
    let looked = Dictionary(uniqueKeysWithValues: looks.map { ($0.index, $0) })
    let scores = first.people.indices.map { looked[$0]?.person.score ?? first.people[$0].score }
    // Most confident first, as ever.
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var parts = first.parts.filter { $0.person.map { looked[$0] == nil } ?? true }.map { part in
      part.belonging(to: part.person.flatMap { order.firstIndex(of: $0) })
    }
    for (number, index) in order.enumerated() {
      guard let look = looked[index] else { continue }
      parts += look.person.parts.map { part in
        Part(
          label: part.label, score: part.score, box: part.box.moved(to: look.crop), area: part.area,
          mask: part.mask.placed(x: look.crop.x, y: look.crop.y, width: image.width, height: image.height),
          person: number)
      }
    }
    let people = order.enumerated().map { number, index in
      let own = parts.filter { $0.person == number }
      guard let look = looked[index] else {
        let person = first.people[index]
        return Person(
          score: person.score, box: person.box, area: person.area, mask: person.mask, parts: own,
          embedding: person.embedding)
      }
      return Person(
        score: look.person.score, box: look.person.box.moved(to: look.crop), area: look.person.area, mask: look.mask,
        parts: own, embedding: look.person.embedding)
    }
    return Parsing(
      classes: first.classes, people: people, parts: parts,
      labelMap: try labelMap(order.reversed().compactMap { looked[$0] }), minimumScore: first.minimumScore,
      minimumPersonScore: first.minimumPersonScore, pool: first.pool)
  }

  /// The label map, in which the pixels of each person are those of their crop, the last in front.
  private func labelMap(_ looks: [Look]) throws -> LabelMap {
    var indices = first.labelMap.indices
    for look in looks {
      look.parsing.labelMap.indices.withUnsafeBufferPointer { labels in
        for y in 0..<look.crop.height {
          for x in 0..<look.crop.width where look.pixels[x: look.crop.x + x, y: look.crop.y + y] {
            indices[(look.crop.y + y) * image.width + look.crop.x + x] = labels[y * look.crop.width + x]
          }
        }
      }
    }
    return try LabelMap(width: image.width, height: image.height, indices: indices)
  }
}

extension Part {
  fileprivate func belonging(to person: Int?) -> Part {
    Part(label: label, score: score, box: box, area: area, mask: mask, person: person)
  }
}

extension BoundingBox {
  /// A box in a crop, as the picture has it.
  fileprivate func moved(to crop: BoundingBox) -> BoundingBox {
    BoundingBox(x: crop.x + x, y: crop.y + y, width: width, height: height)
  }
}

extension Timings {
  /// Adds what another pass of the network has taken.
  fileprivate mutating func add(_ other: Timings) {
    preprocess += other.preprocess
    forward += other.forward
    postprocess += other.postprocess
  }
}

extension RGBImage {
  /// The pixels of a box that lies within the picture.
  fileprivate func cropped(to box: BoundingBox) throws -> RGBImage {
    try RGBImage(width: box.width, height: box.height) { target in
      pixels.withUnsafeBufferPointer { source in
        for y in 0..<box.height {
          let start = ((box.y + y) * width + box.x) * 3
          for index in 0..<box.width * 3 { target[y * box.width * 3 + index] = source[start + index] }
        }
      }
    }
  }
}
