import HumanParsing
import ImageCoding
import KernelTestSupport
import M2FP
import TensorCore
import TestSupport
import Testing

/// Smoothing over time of what a network says, which is made up here.
@Suite(.timeLimit(.minutes(10))) struct TemporalSmootherTests {
  /// A square that moves over a picture with texture.
  private struct Scene {
    static let (columns, rows) = (32, 24)
    static let scale = 4
    static let classes = ["Background", "Hair", "Face", "Human"]

    /// Cells that the picture and the square are moved by.
    var shift = 0
    /// Class of the square's query; `nil` if it shows nothing.
    var category: Int? = 1
    /// Logit inside of the square; the larger, the more certain.
    var logit: Float = 8
    /// The same in its right half; `nil` for `logit`.
    var logitAtRight: Float?
    var certainty: Float = 8
    /// Which picture it is.
    var seed = 1
    var light: Float = 1

    func image() throws -> RGBImage {
      let (width, height) = (Self.columns * Self.scale, Self.rows * Self.scale)
      var generator = SeededGenerator(seed)
      // Noise of blocks of three pixels, wide enough for every shift.
      let noise = generator.floats((width + 128) / 3 * (height / 3 + 1), in: 20...200)
      return try RGBImage(
        width: width, height: height,
        pixels: (0..<width * height * 3).map { index in
          let (x, y) = (index / 3 % width - shift * Self.scale + 64, index / 3 / width)
          return UInt8(light * noise[y / 3 * ((width + 128) / 3) + x / 3])
        })
    }

    func observation() -> FrameObservation {
      let count = Self.classes.count
      // The first query is the person, the second a part, the third shows nothing.
      var logits: [Float] = []
      for wanted in [3, category, nil] {
        logits += (0...count).map { index in
          wanted.map { index == $0 ? certainty : 0 } ?? (index == count ? 8 : 0)
        }
      }
      let square = (0..<Self.columns * Self.rows).map { cell -> Float in
        let (x, y) = (cell % Self.columns - shift, cell / Self.columns)
        return (10..<18).contains(x) && (8..<16).contains(y) ? (x < 14 ? logit : logitAtRight ?? logit) : -8
      }
      let masks = square + square + Array(repeating: Float(-8), count: square.count)
      var output = M2FPOutput(
        queries: 3, classes: count, predLogits: logits, predMasks: Constant(masks), maskHeight: Self.rows,
        maskWidth: Self.columns)
      output.queryEmbeddings = [1, 0, 0, 0, 1, 0, 0, 0, 1]
      let (width, height) = (Self.columns * Self.scale, Self.rows * Self.scale)
      return FrameObservation(
        output: output,
        geometry: InputGeometry(
          paddedHeight: height, paddedWidth: width, rows: 0..<height, columns: 0..<width, sourceHeight: height,
          sourceWidth: width))
    }
  }

  private func smoothed(
    _ scenes: [Scene], _ smoothing: TemporalSmoothing = .light, gaps: Set<Int> = []
  ) throws -> [M2FPOutput] {
    var parameters = SmoothingParameters(smoothing)
    parameters.weight = 1
    var smoother = TemporalSmoother<Int>(parameters, human: 3, pool: WorkerPool(threads: 2))
    var results: [TemporalSmoother<Int>.Smoothed] = []
    for (index, scene) in scenes.enumerated() {
      results += smoother.add(
        index, image: try scene.image(), observation: scene.observation(), isAfterGap: gaps.contains(index))
    }
    results += smoother.finish()
    #expect(results.map(\.frame) == Array(scenes.indices))
    return results.map(\.observation.output)
  }

  /// The most likely class of each query; `nil` for none.
  private func categories(_ output: M2FPOutput) -> [Int?] {
    (0..<output.queries).map { query in
      let row = output.predLogits[query * (output.classes + 1)..<(query + 1) * (output.classes + 1)]
      let best = row.indices.max { row[$0] < row[$1] }.map { $0 - row.startIndex }
      return best == output.classes ? nil : best
    }
  }

  private func logit(_ output: M2FPOutput, _ x: Int, _ y: Int, query: Int = 0) -> Float {
    output.predMasks.withElements { $0[(query * output.maskHeight + y) * output.maskWidth + x] }
  }

  private func bits(_ output: M2FPOutput) -> [UInt32] {
    output.predMasks.withElements { $0.map(\.bitPattern) } + output.predLogits.map(\.bitPattern)
  }

  @Test func aDropOfOneFrameIsTakenAway() throws {
    var scenes = (0..<5).map { Scene(shift: $0) }
    scenes[2].logitAtRight = -6
    let off = try smoothed(scenes, .off)
    #expect(logit(off[2], 18, 12) == -6)
    for smoothing in [TemporalSmoothing.light, .full] {
      let results = try smoothed(scenes, smoothing)
      // The square has moved by two cells, and its masks with it.
      #expect(logit(results[2], 18, 12) > 0, "\(smoothing)")
      #expect(logit(results[2], 6, 12) < -6, "\(smoothing)")
    }
  }

  @Test func edgesStayWhereThePictureHasThem() throws {
    for result in zip(0..., try smoothed((0..<6).map { Scene(shift: $0) }, .full)) {
      let (shift, output) = result
      #expect(logit(output, 11 + shift, 12) > 4 && logit(output, 16 + shift, 12) > 4)
      #expect(logit(output, 8 + shift, 12) < -4 && logit(output, 19 + shift, 12) < -4)
    }
  }

  @Test func framesVoteForAClass() throws {
    var scenes = (0..<5).map { Scene(shift: $0) }
    (scenes[2].category, scenes[2].certainty) = (2, 2)
    #expect(categories(try smoothed(scenes)[2]) == [3, 1, nil])
    #expect(categories(try smoothed(scenes, .off)[2]) == [3, 2, nil])
  }

  @Test func whatOneFrameLacksIsAdded() throws {
    var scenes = (0..<5).map { Scene(shift: $0) }
    scenes[2].category = nil
    let output = try smoothed(scenes)[2]
    #expect(categories(output).contains(1))
    let query = try #require(categories(output).firstIndex(of: 1))
    #expect(logit(output, 16, 12, query: query) > 4)
  }

  @Test func whatOneFrameAloneShowsIsDoubted() throws {
    var scenes = (0..<5).map { Scene(shift: $0, category: nil) }
    (scenes[2].category, scenes[2].certainty) = (1, 1)
    #expect(categories(try smoothed(scenes, .off)[2])[1] == 1)
    #expect(categories(try smoothed(scenes)[2])[1] == nil)
  }

  @Test func aCutAndAGapBeginAnew() throws {
    var scenes = (0..<6).map { Scene(shift: $0) }
    for index in 3..<6 {
      scenes[index].seed = 2
      scenes[index].light = 0.3
    }
    scenes[3].logit = 2
    // The frames of both sides are the network's own at the border, apart from their own side's.
    let results = try smoothed(scenes)
    let (first, second) = (try smoothed(Array(scenes[..<3])), try smoothed(Array(scenes[3...])))
    #expect(results.map(bits) == (first + second).map(bits))
    let same = (0..<4).map { Scene(shift: $0) }
    let (gap, halves) = (
      try smoothed(same, gaps: [2]), try smoothed(Array(same[..<2])) + smoothed(Array(same[2...]))
    )
    #expect(gap.map(bits) == halves.map(bits))
  }

  /// What a run that goes on in the middle needs.
  @Test(arguments: [TemporalSmoothing.light, .full]) func aFrameDependsOnItsNeighborsAlone(
    smoothing: TemporalSmoothing
  ) throws {
    let scenes = (0..<10).map { Scene(shift: $0, logit: Float(3 + $0 % 4), light: 1 - 0.02 * Float($0)) }
    let whole = try smoothed(scenes, smoothing)
    let reach = smoothing.reach
    for index in [0, 4, 9] {
      let window = max(index - reach, 0)...min(index + reach, scenes.count - 1)
      let part = try smoothed(Array(scenes[window]), smoothing)
      #expect(bits(part[index - window.lowerBound]) == bits(whole[index]), "frame \(index)")
    }
  }

  @Test func framesWaitForThoseTheyAreSmoothedWith() throws {
    var smoother = TemporalSmoother<Int>(SmoothingParameters(.full), human: 3, pool: WorkerPool(threads: 1))
    let counts = try (0..<6).map { index in
      let scene = Scene(shift: index)
      return smoother.add(index, image: try scene.image(), observation: scene.observation()).count
    }
    #expect(counts == [0, 0, 0, 1, 1, 1])
    #expect(smoother.finish().count == 3)
  }

  @Test func framesOfAnotherSizeBeginAnew() throws {
    let scene = Scene()
    var smoother = TemporalSmoother<Int>(SmoothingParameters(.light), human: 3, pool: WorkerPool(threads: 1))
    #expect(smoother.add(0, image: try scene.image(), observation: scene.observation()).isEmpty)
    let small = try RGBImage(width: 9, height: 5, filledWith: (1, 2, 3))
    #expect(smoother.add(1, image: small, observation: scene.observation()).map(\.frame) == [0])
    #expect(smoother.finish().map(\.frame) == [1])
  }
}
