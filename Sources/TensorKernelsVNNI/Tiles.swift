// Integer products in AMX's tiles of 16 × 16 sums. Call only where the processor has them and lets this process use them:
// see `InstructionSet`.

#if arch(x86_64)
  import CTiles
  package import TensorKernelBodies

  /// The whole product, by VNNI where it does not fill tiles.
  package func integerGEMMTile32x32AMX(_ product: IntegerGEMMMicroKernel) {
    if let tiled = TiledProduct(product) { tiled.multiply() } else { integerGEMMTile12x32VNNI(product) }
  }

  /// Adds products in tiles and does nothing else: 64 times 1 to each of the sums in a round.
  ///
  /// - Returns: Four of the sums, added up.
  package func tileProductLoop(_ rounds: Int) -> Int32 {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: TiledProduct.side * TiledProduct.side) { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      tiles_configure(Int32(TiledProduct.side))
      defer { tiles_release() }
      buffer.update(repeating: 0x0101_0101)
      let rowBytes = TiledProduct.rowBytes
      tile_load_4(base, rowBytes)
      tile_load_5(base, rowBytes)
      tile_load_6(base, rowBytes)
      tile_load_7(base, rowBytes)
      for _ in 0..<rounds {
        tile_add_products_0()
        tile_add_products_1()
        tile_add_products_2()
        tile_add_products_3()
      }
      tile_store_0(base, rowBytes)
      var sum = base[0]
      tile_store_1(base, rowBytes)
      sum &+= base[0]
      tile_store_2(base, rowBytes)
      sum &+= base[0]
      tile_store_3(base, rowBytes)
      sum &+= base[0]
      return sum
    }
  }

  /// A product whose rows and depth fill tiles. A panel is two tiles wide, and its rows of words lie as the right operand's
  /// tiles want them.
  private struct TiledProduct {
    /// Rows of a tile, and 32-bit words of a row.
    static let side = 16
    /// Bytes of a tile's row.
    static let rowBytes = 64
    /// Bytes of a panel's row.
    static let panelRowBytes = 128
    /// Shorter parts would leave more than half of a tile idle.
    private static let fewestWords = 8

    let product: IntegerGEMMMicroKernel
    /// Words of a run that a tile takes at once: as many as divide the run.
    let words: Int

    /// `nil` if there are too few rows, or if runs cannot be cut into equal parts that are long enough.
    init?(_ product: IntegerGEMMMicroKernel) {
      let dividing = stride(from: Self.side, through: Self.fewestWords, by: -1).first { product.runLength % $0 == 0 }
      guard product.rows >= Self.side, product.runLength > 0, let dividing else { return nil }
      self.product = product
      words = dividing
    }

    /// All rows, 32 at a time as long as there are as many, then 16. The last 16 may begin with rows that are done.
    func multiply() {
      tiles_configure(Int32(words))
      defer { tiles_release() }
      // On the stack: more than a kilobyte of temporary allocation would come from the heap.
      var vectors = InlineArray<64, SIMD16<Int32>>(repeating: SIMD16(repeating: 0))
      withUnsafeMutableBytes(of: &vectors) { buffer in
        guard let sums = buffer.baseAddress else { return }
        var row = 0
        while row &+ 2 &* Self.side <= product.rows {
          multiplyRows32(row, sums)
          finish(row..<row &+ 2 &* Self.side, sums)
          row &+= 2 &* Self.side
        }
        while row < product.rows {
          let first = min(row, product.rows &- Self.side)
          multiplyRows16(first, sums)
          finish(row..<first &+ Self.side, sums + (row &- first) &* Self.panelRowBytes)
          row = first &+ Self.side
        }
      }
    }

    private func finish(_ rows: Range<Int>, _ sums: UnsafeMutableRawPointer) {
      product.result.finish(
        sums.assumingMemoryBound(to: Int32.self), rows, head: product.panel,
        headStride: Self.panelRowBytes / MemoryLayout<Int32>.stride, VNNI.self)
    }

    /// Sums of 32 rows from `row` on, (32, columns of a panel).
    @inline(__always)
    private func multiplyRows32(_ row: Int, _ sums: UnsafeMutableRawPointer) {
      // Rows that are no bytes apart: each sum begins with its column's.
      tile_load_0(product.panel, 0)
      tile_load_1(product.panel + Self.side, 0)
      tile_load_2(product.panel, 0)
      tile_load_3(product.panel + Self.side, 0)
      let lower = Self.side &* product.aStride
      forEachPart(from: row) { left, right in
        tile_load_4(left, product.aStride)
        tile_load_6(right, Self.panelRowBytes)
        tile_load_7(right + Self.rowBytes, Self.panelRowBytes)
        tile_load_5(left + lower, product.aStride)
        tile_add_products_0()
        tile_add_products_1()
        tile_add_products_2()
        tile_add_products_3()
      }
      let lowerSums = sums + Self.side &* Self.panelRowBytes
      tile_store_0(sums, Self.panelRowBytes)
      tile_store_1(sums + Self.rowBytes, Self.panelRowBytes)
      tile_store_2(lowerSums, Self.panelRowBytes)
      tile_store_3(lowerSums + Self.rowBytes, Self.panelRowBytes)
    }

    /// Sums of 16 rows from `row` on, (16, columns of a panel).
    @inline(__always)
    private func multiplyRows16(_ row: Int, _ sums: UnsafeMutableRawPointer) {
      tile_load_0(product.panel, 0)
      tile_load_1(product.panel + Self.side, 0)
      forEachPart(from: row) { left, right in
        tile_load_4(left, product.aStride)
        tile_load_6(right, Self.panelRowBytes)
        tile_load_7(right + Self.rowBytes, Self.panelRowBytes)
        tile_add_products_0()
        tile_add_products_1()
      }
      tile_store_0(sums, Self.panelRowBytes)
      tile_store_1(sums + Self.rowBytes, Self.panelRowBytes)
    }

    /// - Parameter body: Takes where the words of a part of the depth begin, in the left operand's first row and in the panel.
    @inline(__always)
    private func forEachPart(from row: Int, _ body: (_ left: UnsafeRawPointer, _ right: UnsafeRawPointer) -> Void) {
      var right = UnsafeRawPointer(product.panel) + IntegerGEMMMicroKernel.headRows &* Self.panelRowBytes
      for run in 0..<product.runs {
        var left = UnsafeRawPointer(product.a) + row &* product.aStride + run &* product.runStride
        for _ in 0..<product.runLength / words {
          body(left, right)
          left += words &* MemoryLayout<Int32>.stride
          right += words &* Self.panelRowBytes
        }
      }
    }
  }
#endif
