public import MaskMerging
import TensorCore

extension Parsing {
  /// The union of all parts with the given labels; `human` adds whole people, `background` what no part covers.
  ///
  /// Labels that the picture does not show add nothing, so the mask may be empty. Use `alpha8()` or `alpha16()` of the
  /// result for soft edges and `hard()` for hard ones.
  public func mask(of labels: [Label]) -> Mask {
    let wanted = Set(labels)
    var masks = parts.filter { wanted.contains($0.label) }.map(\.mask)
    if wanted.contains(.human) { masks += people.map(\.mask) }
    if wanted.contains(.background), let mask = backgroundMask { masks.append(mask) }
    return union(masks)
  }

  /// The union of one person's parts with the given labels; `human` adds the whole person.
  ///
  /// - Parameters:
  ///   - labels: Labels that the person does not show add nothing.
  ///   - person: Index into `people`; a person who does not exist has an empty mask.
  /// - Returns: A mask of the picture's size.
  public func mask(of labels: [Label], person: Int) -> Mask {
    guard people.indices.contains(person) else { return union([]) }
    let wanted = Set(labels)
    var masks = people[person].parts.filter { wanted.contains($0.label) }.map(\.mask)
    if wanted.contains(.human) { masks.append(people[person].mask) }
    return union(masks)
  }

  /// Everybody; where the network found parts but no person, the union of all parts.
  public var foreground: Mask { union(people.isEmpty ? parts.map(\.mask) : people.map(\.mask)) }

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
