import Checkpoints
import Foundation
import HumanParsing
import M2FP
import StarterWeights
import TensorCore
import TestSupport
import Testing

/// The whole way from a picture to a parsing, against ModelScope's pipeline.
@Suite(.timeLimit(.minutes(10))) struct PipelineTests {
  private struct Instance: Decodable {
    let label: String
    let score: Float
  }

  @Test(arguments: Golden.pipelines.indices)
  func theNetworksInputIsEqualByteForByte(index: Int) throws {
    let golden = Golden.pipelines[index]
    let configuration = try Configuration(json: Data(contentsOf: golden.configuration), name: golden.name)
    let preprocessing = Preprocessing(configuration: configuration)
    let prepared = try preprocessing(RGBImage(contentsOf: golden.input), pool: WorkerPool(threads: 2))
    let planes = try #require(try golden.stages()[name: "pixels"])
    #expect(planes.shape == [3, prepared.pixels.height, prepared.pixels.width])
    let area = prepared.pixels.height * prepared.pixels.width
    let differing = try planes.withBytes { planes in
      prepared.pixels.pixels.indices.count { prepared.pixels.pixels[$0] != planes[$0 % 3 * area + $0 / 3] }
    }
    #expect(differing == 0)
  }

  @Test(arguments: Golden.pipelines.indices)
  func peoplePartsAndLabelMapAgree(index: Int) throws {
    let golden = Golden.pipelines[index]
    let parsing = try parser(golden).parse(contentsOf: golden.input)
    let map = try #require(try golden.result()[name: "semantic_argmax"])
    let equal = try map.withBytes { map in zip(map, parsing.labelMap.indices).count { $0 == $1 } }
    #expect(Double(equal) >= 0.999 * Double(map.count), "\(map.count - equal) pixels of \(map.count) differ")

    let listing = try JSONDecoder().decode(
      [Instance].self, from: Data(contentsOf: golden.folder.appending(path: "result.json")))
    guard !listing.isEmpty else { return }
    let parts = listing.filter { Label($0.label) != .human }
    #expect(parsing.parts.map(\.label) == parts.map { Label($0.label) })
    for (found, expected) in zip(parsing.parts, parts) { #expect(abs(found.score - expected.score) <= 1e-3) }
    let people = listing.filter { Label($0.label) == .human }.map(\.score).sorted(by: >)
    #expect(parsing.people.count == people.count)
    for (found, expected) in zip(parsing.people, people) { #expect(abs(found.score - expected) <= 1e-3) }
  }

  @Test(arguments: [[1, 1], [1, 5000], [5000, 1], [31, 33], [640, 5]])
  func aPictureOfAnySizeIsParsedAtItsSize(size: [Int]) throws {
    let (width, height) = (size[0], size[1])
    let parsing = try HumanParser().parse(RGBImage(width: width, height: height, filledWith: (90, 120, 60)))
    #expect(parsing.width == width && parsing.height == height)
    #expect(parsing.labelMap.indices.count == width * height)
  }

  @Test func aBatchIsParsedAsOneByOne() throws {
    let parser = try HumanParser(options: .init(threads: 2))
    let photo = try RGBImage(contentsOf: Sample.photograph("astronaut.png"))
    let images = [photo, try RGBImage(width: 40, height: 30, filledWith: (9, 90, 200)), photo]
    let maps = try parser.parse(batch: images).map { try $0.get().labelMap }
    #expect(maps == (try images.map { try parser.parse($0).labelMap }))
    #expect(parser.parse(batch: []).isEmpty)
  }

  @Test func severalTasksMayUseOneParser() async throws {
    let parser = try HumanParser(options: .init(threads: 2))
    let photo = try RGBImage(contentsOf: Sample.photograph("astronaut.png"))
    let alone = try await parser.parse(photo).labelMap
    try await withThrowingTaskGroup(of: LabelMap.self) { group in
      for _ in 0..<4 { group.addTask { try await parser.parse(photo).labelMap } }
      for try await map in group {
        let equal = zip(map.indices, alone.indices).count { $0 == $1 }
        #expect(Double(equal) >= 0.999 * Double(alone.indices.count))
      }
    }
  }

  @Test func readingTheWeightsIntoMemoryGivesTheSame() throws {
    let photo = try RGBImage(contentsOf: Sample.photograph("astronaut.png"))
    let mapped = try HumanParser(options: .init(threads: 1)).parse(photo)
    let copied = try HumanParser(options: .init(threads: 1, memoryMapped: false)).parse(photo)
    #expect(mapped.labelMap == copied.labelMap)
  }

  @Test func weightsThatCannotBeUsedAreRefused() throws {
    let nowhere = URL(filePath: "/nowhere/weights.safetensors")
    let missing = try #require(throws: HumanParsingError.self) { try HumanParser(weights: nowhere) }
    #expect(missing.code == .noWeights && missing.message.contains("weights.safetensors"))
    let picture = Sample.photograph("astronaut.png")
    let bad = try #require(throws: HumanParsingError.self) { try HumanParser(weights: picture) }
    #expect(bad.code == .badWeights && bad.message.contains("astronaut.png"))
    for threads in [0, -1, 100_000] {
      let error = try #require(throws: HumanParsingError.self) { try HumanParser(options: .init(threads: threads)) }
      #expect(error.code == .invalidOption && error.message.contains("\(threads)"))
    }
    let starter = try #require(StarterWeights.fp16.url)
    let precision = try #require(throws: HumanParsingError.self) {
      try HumanParser(weights: starter, options: .init(precision: .int8))
    }
    #expect(precision.code == .invalidOption && precision.message.contains("fp16"))
  }

  private func parser(_ golden: Golden) throws -> HumanParser {
    try TemporaryFolder.with { folder in
      let weights = folder.appending(path: "weights.safetensors")
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: weights)
      return try HumanParser(weights: weights)
    }
  }
}
