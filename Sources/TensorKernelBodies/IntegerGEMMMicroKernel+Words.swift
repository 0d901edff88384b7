extension IntegerGEMMMicroKernel {
  /// Groups of four bytes of a row that are split into words at a time. Those of a tile's rows take two kilobytes, which stay in L1.
  @usableFromInline
  static let groupsAtOnce = 64

  /// All rows, in tiles of 4, by products of 16-bit words.
  ///
  /// Activations are split into words once for all columns of the panel, and not for each vector of sums: to spread what
  /// lies in memory over a vector costs a load alone.
  @inlinable @inline(__always)
  public func multiplyByWordsMR4<Instructions: WordProductInstructions>(_: Instructions.Type) {
    // 4 rows, each with `groupsAtOnce` pairs of even bytes and as many of odd ones.
    var words = InlineArray<512, Int32>(repeating: 0)
    withUnsafeMutableBytes(of: &words) { buffer in
      guard let words = buffer.baseAddress?.bindMemory(to: Int32.self, capacity: 512) else { return }
      withSums(Instructions.self) { sums in
        var row = 0
        while row &+ 4 <= rows {
          tileByWordsMR4(row, sums, words, Instructions.self)
          row &+= 4
        }
        finishRows(from: row, sums, Instructions.self)
      }
    }
  }

  @inlinable @inline(__always)
  func tileByWordsMR4<Instructions: WordProductInstructions>(
    _ row: Int, _ sums: UnsafeMutablePointer<Int32>, _ words: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    var r0 = IntegerTileRow<Instructions>(at: panel)
    var (r1, r2, r3) = (r0, r0, r0)
    var b = weights(Instructions.self)
    let rowWords = 2 &* Self.groupsAtOnce
    for run in 0..<runs {
      var first = UnsafeRawPointer(a) + row &* aStride + run &* runStride
      var rest = runLength
      while rest > 0 {
        let groups = min(rest, Self.groupsAtOnce)
        for index in 0..<4 {
          split(first + index &* aStride, groups: groups, into: words + index &* rowWords, Instructions.self)
        }
        for group in 0..<groups {
          let weights = IntegerTileRow<Instructions>(at: b).words
          let activations = words + group
          r0.add(activations, times: weights)
          r1.add(activations + rowWords, times: weights)
          r2.add(activations + 2 &* rowWords, times: weights)
          r3.add(activations + 3 &* rowWords, times: weights)
          b += 2 &* Instructions.Sums.scalarCount
        }
        first += 4 &* groups
        rest &-= groups
      }
    }
    r0.store(to: sums, 0)
    r1.store(to: sums, 1)
    r2.store(to: sums, 2)
    r3.store(to: sums, 3)
    result.finish(sums, row..<row &+ 4, RequantizationScales<Instructions>(at: panel))
  }

  /// Splits the unsigned bytes of a row into words: pairs of bytes 0 and 2 of every group of four, and from `groupsAtOnce` on
  /// pairs of bytes 1 and 3.
  @inlinable @inline(__always)
  func split<Instructions: WordProductInstructions>(
    _ bytes: UnsafeRawPointer, groups: Int, into words: UnsafeMutablePointer<Int32>, _: Instructions.Type
  ) {
    let lanes = Instructions.Sums.scalarCount
    var group = 0
    while group &+ lanes <= groups {
      let four = bytes.loadUnaligned(fromByteOffset: 4 &* group, as: Instructions.Sums.self)
      let target = UnsafeMutableRawPointer(words + group)
      target.storeBytes(of: four & 0x00ff_00ff, as: Instructions.Sums.self)
      target.storeBytes(
        of: (four &>> 8) & 0x00ff_00ff, toByteOffset: 4 &* Self.groupsAtOnce, as: Instructions.Sums.self)
      group &+= lanes
    }
    while group < groups {
      let four = bytes.loadUnaligned(fromByteOffset: 4 &* group, as: Int32.self)
      words[group] = four & 0x00ff_00ff
      words[group &+ Self.groupsAtOnce] = (four &>> 8) & 0x00ff_00ff
      group &+= 1
    }
  }
}

/// The weights of four activations, as 16-bit words.
@usableFromInline
struct IntegerTileWords<Instructions: WordProductInstructions> {
  @usableFromInline let left: (even: Instructions.Sums, odd: Instructions.Sums)
  @usableFromInline let right: (even: Instructions.Sums, odd: Instructions.Sums)

  @inlinable @inline(__always)
  init(_ row: IntegerTileRow<Instructions>) {
    left = Instructions.words(ofSignedBytes: row.left)
    right = Instructions.words(ofSignedBytes: row.right)
  }
}

extension IntegerTileRow where Instructions: WordProductInstructions {
  @inlinable @inline(__always)
  var words: IntegerTileWords<Instructions> { IntegerTileWords(self) }

  /// Adds the products of four activations, split into words.
  @inlinable @inline(__always)
  mutating func add(_ activations: UnsafePointer<Int32>, times weights: IntegerTileWords<Instructions>) {
    let even = Instructions.Sums(repeating: activations[0])
    let odd = Instructions.Sums(repeating: activations[IntegerGEMMMicroKernel.groupsAtOnce])
    left = Instructions.adding(left, words: weights.left.even, times: even)
    right = Instructions.adding(right, words: weights.right.even, times: even)
    left = Instructions.adding(left, words: weights.left.odd, times: odd)
    right = Instructions.adding(right, words: weights.right.odd, times: odd)
  }
}
