public import MaskMerging
import TensorCore

extension Person {
  /// Whether the person is less than 100 pixels high: too small for parts to be trusted.
  public var isSmall: Bool { box.height < 100 }

  /// Whether the network is unsure that there is a person, or whose the pixels are: the score is below 0.86.
  ///
  /// In photographs kept out of training, 8 of the 179 people with lower scores that the starter weights list were
  /// persons (their mask had an IoU of at least 0.5), and 45 of the 51 others.
  public var isUnsure: Bool { score < 0.86 }
}

extension Parsing {
  /// The parsing with specks and holes mended in the masks of its people and parts; parts and people of which nothing
  /// remains stay as they were. `labelMap` is not changed.
  public func cleaned(_ cleaning: MaskCleaning) -> Parsing {
    let parts = parts.map { $0.cleaned(cleaning) }
    let people = people.enumerated().map { index, person in
      let mask = person.mask.cleaned(cleaning)
      let own = parts.filter { $0.person == index }
      guard let box = mask.box else {
        return Person(
          score: person.score, box: person.box, area: person.area, mask: person.mask, parts: own,
          embedding: person.embedding)
      }
      return Person(
        score: person.score, box: box, area: mask.area, mask: mask, parts: own, embedding: person.embedding)
    }
    var result = Parsing(
      classes: classes, people: people, parts: parts, labelMap: labelMap, minimumScore: minimumScore,
      minimumPersonScore: minimumPersonScore, pool: pool)
    result.timings = timings
    return result
  }
}

extension Part {
  fileprivate func cleaned(_ cleaning: MaskCleaning) -> Part {
    let mask = mask.cleaned(cleaning)
    guard let box = mask.box else { return self }
    return Part(label: label, score: score, box: box, area: mask.area, mask: mask, person: person)
  }
}
