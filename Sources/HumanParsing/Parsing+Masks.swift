public import MaskMerging
import TensorCore

extension Parsing {
  /// The union of all parts with the given labels; `human` adds whole people, `background` the pixels of that class in
  /// `labelMap`.
  ///
  /// Labels that the picture does not show add nothing, so the mask may be empty. Use `alpha8()` or `alpha16()` of the
  /// result for soft edges and `hard()` for hard ones.
  /// - Parameters:
  ///   - labels: What to unite.
  ///   - minimumScore: Parts and people below it are left out; `nil` for ``minimumScore`` and ``minimumPersonScore``.
  /// - Returns: A mask of the picture's size.
  public func mask(of labels: [Label], minimumScore: Float? = nil) -> Mask {
    let wanted = Set(labels)
    let least = minimumScore ?? self.minimumScore
    var masks = parts.filter { wanted.contains($0.label) && $0.score >= least }.map(\.mask)
    if wanted.contains(.human) { masks += people.filter { $0.score >= minimumScore ?? minimumPersonScore }.map(\.mask) }
    if wanted.contains(.background), let mask = backgroundMask { masks.append(mask) }
    return union(masks)
  }

  /// The union of one person's parts with the given labels; `human` adds the whole person.
  ///
  /// - Parameters:
  ///   - labels: What to unite; labels that the person does not show add nothing.
  ///   - person: Index into `people`; a person who does not exist has an empty mask.
  ///   - minimumScore: Parts below it are left out; `nil` for ``minimumScore``.
  /// - Returns: A mask of the picture's size.
  public func mask(of labels: [Label], person: Int, minimumScore: Float? = nil) -> Mask {
    guard people.indices.contains(person) else { return union([]) }
    let wanted = Set(labels)
    let least = minimumScore ?? self.minimumScore
    var masks = people[person].parts.filter { wanted.contains($0.label) && $0.score >= least }.map(\.mask)
    if wanted.contains(.human) { masks.append(people[person].mask) }
    return union(masks)
  }

  /// The union of the parts of some people with the given labels; `human` adds these people whole.
  ///
  /// - Parameters:
  ///   - labels: What to unite; labels that nobody of them shows add nothing.
  ///   - indices: Indices into `people`, those beyond it add nothing; `nil` for everything in the picture, as
  ///     ``mask(of:minimumScore:)`` has it.
  ///   - minimumScore: Parts below it are left out; `nil` for ``minimumScore``.
  /// - Returns: A mask of the picture's size.
  public func mask(of labels: [Label], people indices: [Int]?, minimumScore: Float? = nil) -> Mask {
    guard let indices else { return mask(of: labels, minimumScore: minimumScore) }
    return union(indices.map { mask(of: labels, person: $0, minimumScore: minimumScore) })
  }

  /// Everybody with at least `minimumPersonScore`; where there is nobody, all parts with at least `minimumScore`.
  public var foreground: Mask {
    let found = people.filter { $0.score >= minimumPersonScore }.map(\.mask)
    return union(found.isEmpty ? parts.filter { $0.score >= minimumScore }.map(\.mask) : found)
  }

  /// The labels of the parts in the picture, by class index.
  public var labels: [Label] {
    let present = Set(parts.map(\.label))
    return classes.filter(present.contains)
  }

  private var backgroundMask: Mask? {
    classes.firstIndex(of: .background).map {
      Mask(category: UInt8(truncatingIfNeeded: $0), of: labelMap, pool: pool)
    }
  }

  private func union(_ masks: [Mask]) -> Mask { Mask(uniting: masks, width: width, height: height, pool: pool) }
}
