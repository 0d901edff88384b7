import BenchmarkSupport
import ImageCoding
import TensorCore
import TensorKernels

extension Bed {
  /// Attention, norms and the rest, at an input of 640 × 1152.
  var otherCases: [KernelCase] {
    [
      deformable, crossAttention, selfAttention, maskProduct, layerNorm, groupNorm, upsampling, pooling, sums,
    ]
  }

  private var deformable: KernelCase {
    let levels = [(20, 36), (40, 72), (80, 144)].map { LevelShape(height: $0.0, width: $0.1) }
    let (tokens, heads, points) = (15_120, 8, 4)
    let samples = levels.count * points
    let (value, offsets) = (matrix(tokens, 256), matrix(tokens, heads * samples * 2))
    let (logits, output, context) = (matrix(tokens, heads * samples), matrix(tokens, 256), context)
    return KernelCase(
      "deformable attention, 15120 tokens",
      .deformableAttention(tokens: tokens, width: 256, heads: heads, samples: samples)
    ) {
      deformableAttention(
        value: value.matrix, levels: levels, offsets: offsets.matrix, logits: logits.matrix, heads: heads,
        points: points, into: output.matrix, context)
      context.arena.consolidate()
    }
  }

  private var crossAttention: KernelCase { attend("cross-attention, 100 × 11520", queries: 100, keys: 11_520) }
  private var selfAttention: KernelCase { attend("self-attention, 100 × 100", queries: 100, keys: 100) }

  private func attend(_ name: String, queries: Int, keys: Int) -> KernelCase {
    let (query, key, value) = (matrix(queries, 256), matrix(keys, 256), matrix(keys, 256))
    let (output, context) = (matrix(queries, 256), context)
    return KernelCase(name, .attention(queries: queries, keys: keys, width: 256)) {
      attention(
        queries: query.matrix, keys: key.matrix, values: value.matrix, heads: 8, mask: nil, into: output.matrix,
        context)
      context.arena.consolidate()
    }
  }

  private var maskProduct: KernelCase {
    let (queries, pixels, masks) = (matrix(100, 256), matrix(46_080, 256), matrix(100, 46_080))
    let context = context
    return KernelCase("masks, 100 × 256 × 46080", .product(rows: 100, depth: 256, columns: 46_080)) {
      matrixProduct(queries.matrix, pixels.matrix, transposeB: true, into: masks.matrix, context)
      context.arena.consolidate()
    }
  }

  private var layerNorm: KernelCase {
    let norm = LayerNorm(weight: numbers(256), bias: numbers(256))
    let (x, y, context) = (matrix(15_120, 256), matrix(15_120, 256), context)
    return KernelCase("layer norm, 15120 × 256") { norm(x.matrix, into: y.matrix, context) }
  }

  private var groupNorm: KernelCase {
    let norm = GroupNorm(groups: 32, weight: numbers(256), bias: numbers(256))
    let (x, y, context) = (matrix(46_080, 256), matrix(46_080, 256), context)
    return KernelCase("group norm, 46080 × 256") {
      norm(x.matrix, into: y.matrix, activation: .relu, context)
      context.arena.consolidate()
    }
  }

  private var upsampling: KernelCase {
    let (x, y, context) = (map(80, 144, 256), map(160, 288, 256), context)
    return KernelCase("bilinear, 80 × 144 × 256 doubled") {
      bilinearResize(x.map, into: y.map, context)
      context.arena.consolidate()
    }
  }

  private var pooling: KernelCase {
    let (x, context) = (map(320, 576, 128), context)
    return KernelCase("max pool, 320 × 576 × 128") {
      _ = maxPool(x.map, kernel: 3, stride: 2, padding: 1, context)
      context.arena.consolidate()
    }
  }

  private var sums: KernelCase {
    let (x, y, pool) = (matrix(15_120, 256), matrix(15_120, 256), context.pool)
    return KernelCase("sum, 15120 × 256") { add(x.matrix, y.matrix, into: x.matrix, pool: pool) }
  }
}

extension Bed {
  /// What a frame of 1920 × 1080 needs beside the network.
  func imageCases() throws -> [KernelCase] {
    let frame = try RGBImage(width: 1920, height: 1080) { pixels in
      for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: (index &* index) >> 12 ^ index) }
    }
    let labels = try LabelMap(width: 1920, height: 1080) { indices in
      for index in indices.indices {
        let (x, y) = (index % 1920 - 960, index / 1920 - 540)
        indices[index] = UInt8(truncatingIfNeeded: min((x * x + y * y * 3) / 20_000, 20))
      }
    }
    let palette = (0..<21).map { index in
      let shade = UInt8(12 * index)
      return (red: shade, green: 255 - shade, blue: shade / 2)
    }
    let pool = context.pool
    return [
      KernelCase("resize 1920 × 1080 to 1138 × 640") { _ = frame.resized(width: 1138, height: 640, pool: pool) },
      KernelCase("PNG of 1920 × 1080 labels") { _ = try? labels.pngData(palette: palette) },
      KernelCase("PNG of 1920 × 1080 RGB") { _ = try? frame.pngData() },
    ]
  }
}
