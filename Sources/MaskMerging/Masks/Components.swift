extension BinaryMask {
  /// The mask without connected areas smaller than `area` pixels; pixels that touch at a corner are connected.
  public func removingSpecks(smallerThan area: Int) -> BinaryMask {
    let components = Components(of: self, inside: true)
    return keeping(components) { components.areas[$0] >= area }
  }

  /// The mask with holes smaller than `area` pixels filled: areas outside of it that it surrounds. Pixels of a hole
  /// that touch at a corner alone are not connected, and what reaches the picture's edge is no hole.
  public func fillingHoles(smallerThan area: Int) -> BinaryMask {
    let components = Components(of: self, inside: false)
    var filled = self
    for run in components.runs {
      let root = components.root(of: run)
      guard components.areas[root] < area, !components.reachEdge[root] else { continue }
      for x in run.columns { filled.insert(x, run.y) }
    }
    return filled
  }

  /// The largest connected area alone; of equals, the one that comes first row by row. Pixels that touch at a corner
  /// are connected.
  public func largestComponent() -> BinaryMask {
    let components = Components(of: self, inside: true)
    guard let most = components.areas.max(), let largest = components.areas.firstIndex(of: most) else { return self }
    return keeping(components) { $0 == largest }
  }

  private func keeping(_ components: Components, _ isKept: (Int) -> Bool) -> BinaryMask {
    var kept = BinaryMask(width: width, height: height) { _ in }
    for run in components.runs where isKept(components.root(of: run)) {
      for x in run.columns { kept.insert(x, run.y) }
    }
    return kept
  }
}

/// The connected areas of a mask, or of what is outside of it, as runs of pixels in rows (union and find).
private struct Components {
  struct Run {
    let y: Int
    let columns: Range<Int>
    let index: Int
  }

  /// Row by row.
  private(set) var runs: [Run] = []
  /// By root, the index of an area's first run; 0 elsewhere.
  private(set) var areas: [Int] = []
  /// Whether an area touches the picture's edge, by root.
  private(set) var reachEdge: [Bool] = []
  private var parents: [Int] = []

  /// - Parameter inside: The areas of the mask, 8-connected; otherwise those outside of it, 4-connected.
  init(of mask: BinaryMask, inside: Bool) {
    var above = 0..<0
    for y in 0..<mask.height {
      let first = runs.count
      appendRuns(of: mask, y, inside)
      var candidates = above
      for run in runs[first...] {
        join(run, with: &candidates, touchingCorners: inside)
      }
      above = first..<runs.count
    }
    areas = Array(repeating: 0, count: runs.count)
    reachEdge = Array(repeating: false, count: runs.count)
    for run in runs {
      let root = root(of: run)
      areas[root] += run.columns.count
      if run.y == 0 || run.y == mask.height - 1 || run.columns.lowerBound == 0 || run.columns.upperBound == mask.width {
        reachEdge[root] = true
      }
    }
  }

  func root(of run: Run) -> Int {
    var index = run.index
    while parents[index] != index { index = parents[index] }
    return index
  }

  private mutating func appendRuns(of mask: BinaryMask, _ y: Int, _ inside: Bool) {
    let words = mask.words[y * mask.wordsPerRow..<(y + 1) * mask.wordsPerRow]
    forEachRun(of: words, count: mask.width, where: inside) { columns in
      runs.append(Run(y: y, columns: columns, index: runs.count))
      parents.append(parents.count)
    }
  }

  /// Joins a run with those of the row above that it touches; `candidates` loses those that no later run can touch.
  private mutating func join(_ run: Run, with candidates: inout Range<Int>, touchingCorners: Bool) {
    let reach = touchingCorners ? 1 : 0
    while let first = candidates.first, runs[first].columns.upperBound + reach <= run.columns.lowerBound {
      candidates.removeFirst()
    }
    for index in candidates {
      guard runs[index].columns.lowerBound < run.columns.upperBound + reach else { break }
      merge(run.index, index)
    }
  }

  private mutating func merge(_ first: Int, _ second: Int) {
    let (a, b) = (shortened(first), shortened(second))
    parents[max(a, b)] = min(a, b)
  }

  /// The root; halves the way to it.
  private mutating func shortened(_ index: Int) -> Int {
    var index = index
    while parents[index] != index {
      parents[index] = parents[parents[index]]
      index = parents[index]
    }
    return index
  }
}
