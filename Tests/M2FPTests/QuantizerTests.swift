import Checkpoints
import Foundation
import M2FP
import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Quantization of networks that are calibrated on noise.
@Suite(.timeLimit(.minutes(10))) struct QuantizerTests {
  static let goldens = Golden.pipelines + Golden.variants

  /// The fp32 network of a golden, and its calibration.
  private struct Calibrated {
    let file: WeightsFile
    let network: M2FPNetwork
    let calibration: Calibration

    init(_ golden: Golden, in folder: URL, pictures: [Int] = [0, 1]) throws {
      let url = folder.appending(path: "floats.safetensors")
      try CheckpointConverter.convert(checkpoint: golden.checkpoint, to: url)
      file = try WeightsFile(url)
      network = try M2FPNetwork(file)
      var calibration = Calibration(of: file.configuration, pictures: pictures.count)
      for picture in pictures {
        let pass = calibration.pass(picture: picture)
        _ = try run(network, picture: picture, observer: pass)
        calibration.add(pass)
      }
      self.calibration = calibration
    }
  }

  private static func run(
    _ network: M2FPNetwork, picture: Int, observer: (any LayerObserver)? = nil
  ) throws -> M2FPOutput {
    let arena = Arena()
    let image = arena.tensor(height: 96, width: 64, channels: 3)
    var random = SeededGenerator(picture)
    _ = image.elements.update(fromContentsOf: random.floats(image.count, in: -2...2))
    return try network(image, ExecutionContext(arena: arena, pool: WorkerPool(threads: 1), observer: observer))
  }

  @Test(arguments: goldens)
  func everyLayerIsSeenAndQuantized(golden: Golden) throws {
    try TemporaryFolder.with { folder in
      let calibrated = try Calibrated(golden, in: folder)
      let quantizer = try Quantizer(calibrated.file, .init(minimumSignalToNoise: -.infinity))
      let result = try quantizer.quantize(calibrated.calibration, pool: WorkerPool(threads: 2))
      #expect(result.outcomes.map(\.layer) == calibrated.file.description.quantizableLayers)
      #expect(result.outcomes.allSatisfy { $0.reason == nil }, "\(result.outcomes.filter { $0.reason != nil })")
      // After a ReLU the zero point is 0, and in a backbone only there.
      for layer in result.layers where layer.layer.name.hasPrefix("backbone.") {
        #expect(layer.input.zeroPoint == 0, "\(layer.layer.name)")
        #expect((layer.output != nil) == layer.layer.name.hasSuffix(".shortcut"), "\(layer.layer.name)")
      }
      let int8 = folder.appending(path: "int8.safetensors")
      try QuantizedFileWriter(calibrated.file, layers: result.layers).write(
        record: QuantizationRecord(result, program: "test").json(), to: int8.path)
      let weights = try WeightsFile(int8)
      #expect(weights.quantization?.pictures == 2)
      #expect(weights.quantization?.layers.count == result.outcomes.count)
      // The error to the fp32 network is smaller than that of the constant mean of its masks.
      let (expected, found) = try (
        Self.run(calibrated.network, picture: 7), Self.run(M2FPNetwork(weights), picture: 7)
      )
      #expect(Self.error(found, expected) < 0.5, "\(Self.error(found, expected))")
    }
  }

  /// Root mean square error of all mask logits, relative to their standard deviation.
  private static func error(_ found: M2FPOutput, _ expected: M2FPOutput) -> Double {
    let pairs = zip(found.predMasks.floats, expected.predMasks.floats).map { (Double($0), Double($1)) }
    let mean = pairs.reduce(0) { $0 + $1.1 } / Double(pairs.count)
    let noise = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let signal = pairs.reduce(0) { $0 + ($1.1 - mean) * ($1.1 - mean) }
    return (noise / signal).squareRoot()
  }

  @Test func theResultDependsOnPicturesAlone() throws {
    try TemporaryFolder.with { folder in
      let results = try [1, 2, 5].map { threads in
        let calibrated = try Calibrated(Golden.variants[1], in: folder, pictures: [3, 4, 5])
        return try Quantizer(calibrated.file).quantize(calibrated.calibration, pool: WorkerPool(threads: threads))
      }
      #expect(results[1].layers == results[0].layers)
      #expect(results[2].layers == results[0].layers)
      let other = try Calibrated(Golden.variants[1], in: folder, pictures: [3, 4, 6])
      let pool = WorkerPool(threads: 2)
      #expect(try Quantizer(other.file).quantize(other.calibration, pool: pool).layers != results[0].layers)
    }
  }

  /// A tensor gets the method that gives its readers' results the smallest error.
  @Test func theMethodThatErrsLeastIsTaken() throws {
    try TemporaryFolder.with { folder in
      let calibrated = try Calibrated(Golden.variants[1], in: folder)
      func noise(_ methods: [CalibrationMethod]) throws -> [String: Double] {
        let options = Quantizer.Options(methods: methods, minimumSignalToNoise: -.infinity)
        let result = try Quantizer(calibrated.file, options).quantize(
          calibrated.calibration, pool: WorkerPool(threads: 2))
        #expect(result.outcomes.allSatisfy { $0.method.map(methods.contains) ?? false })
        return result.outcomes.reduce(into: [:]) { noise, outcome in
          noise[outcome.layer.input.name, default: 0] += pow(10, -(outcome.signalToNoise ?? 0) / 10)
        }
      }
      let all = try noise(CalibrationMethod.allCases)
      for method in CalibrationMethod.allCases {
        for (tensor, noise) in try noise([method]) { #expect(all[tensor] ?? 1 <= noise * 1.000001, "\(tensor)") }
      }
    }
  }

  @Test func layersAreKept() throws {
    try TemporaryFolder.with { folder in
      let calibrated = try Calibrated(Golden.variants[1], in: folder)
      func kept(_ options: Quantizer.Options) throws -> [LayerOutcome.Reason: [String]] {
        let result = try Quantizer(calibrated.file, options).quantize(
          calibrated.calibration, pool: WorkerPool(threads: 2))
        return Dictionary(grouping: result.outcomes.filter { $0.reason != nil }) { $0.reason ?? .asked }
          .mapValues { $0.map(\.layer.name) }
      }
      #expect(try kept(.init(keep: ["backbone.res2.0.conv2"]))[.asked] == ["backbone.res2.0.conv2"])
      #expect(try kept(.init(keep: ["value_proj", "res3.0"]))[.asked]?.count == 4)
      let all = calibrated.file.description.quantizableLayers.map(\.name)
      #expect(try kept(.init(minimumSignalToNoise: 1000))[.sensitive] == all)
      let unseen = Calibration(of: calibrated.file.configuration, pictures: 1)
      let nothing = try Quantizer(calibrated.file).quantize(unseen, pool: WorkerPool(threads: 1))
      #expect(nothing.layers.isEmpty && nothing.outcomes.allSatisfy { $0.reason == .notSeen })

      let error = try #require(throws: M2FPError.self) { try Quantizer(calibrated.file, .init(keep: ["conv"])) }
      #expect(error.code == .unknownLayer && error.message.contains("conv"))
    }
  }

  @Test func int8IsNotQuantizedAgain() throws {
    try TemporaryFolder.with { folder in
      let fixture = try QuantizedFixture(Golden.variants[0], in: folder)
      let error = try #require(throws: M2FPError.self) { try Quantizer(WeightsFile(fixture.int8)) }
      #expect(error.code == .alreadyQuantized && error.message.contains("int8.safetensors"))
    }
  }

  @Test func weightsAreRoundedToNearest() {
    let weight = SymmetricWeight([1, -0.5, 0.1, 0, 0, 0], outputs: 2)
    #expect(weight.values == [127, -64, 13, 0, 0, 0])
    #expect(weight.scales == [1 / 127, 1])
    let clipped = SymmetricWeight([2, -4, 0.5], limits: [1.27])
    #expect(clipped.values == [127, -127, 50])
  }
}

extension Constant<Float> {
  fileprivate var floats: [Float] { withElements(Array.init) }
}
