import TensorCore
import TensorKernels
import TestSupport
import Testing

/// Interpolation weights of one axis against dense matrices.
@Suite(.timeLimit(.minutes(10))) struct AxisInterpolationWeightsTests {
  @Test(arguments: [
    (1, 1), (1, 7), (7, 1), (2, 3), (3, 2), (5, 5), (8, 32), (9, 31), (13, 200), (100, 7), (160, 640), (33, 1000),
  ])
  func aBilinearStepIsItsMatrix(inputs: Int, outputs: Int) {
    let axis = AxisInterpolationWeights.bilinear(from: inputs, to: outputs)
    #expect(axis.inputCount == inputs && axis.outputCount == outputs && axis.weightsPerOutput <= 2)
    expectClose(dense(axis).joined(), floats(Scalar.bilinearMatrix(from: inputs, to: outputs)), absolute: 2e-4)
    expectRowsSumToOne(axis)
  }

  struct Chain: Sendable {
    let mask: Int
    let padded: Int
    let crop: Range<Int>
    let source: Int
  }

  @Test(arguments: [
    Chain(mask: 1, padded: 32, crop: 0..<1, source: 1), Chain(mask: 8, padded: 32, crop: 0..<31, source: 500),
    Chain(mask: 24, padded: 96, crop: 0..<78, source: 97), Chain(mask: 40, padded: 160, crop: 0..<160, source: 170),
    Chain(mask: 128, padded: 512, crop: 46..<466, source: 420),
    Chain(mask: 96, padded: 384, crop: 100..<101, source: 9),
    Chain(mask: 160, padded: 640, crop: 0..<640, source: 33), Chain(mask: 80, padded: 320, crop: 0..<320, source: 1080),
  ])
  func aChainIsTheProductOfItsSteps(chain: Chain) {
    let axis = AxisInterpolationWeights.bilinear(from: chain.mask, to: chain.padded).cropped(to: chain.crop)
      .followed(by: .bilinear(from: chain.crop.count, to: chain.source))
    let up = Array(Scalar.bilinearMatrix(from: chain.mask, to: chain.padded)[chain.crop])
    let expected = Scalar.composed(up, then: Scalar.bilinearMatrix(from: chain.crop.count, to: chain.source))
    #expect(axis.weightsPerOutput <= 3)
    expectClose(dense(axis).joined(), floats(expected), absolute: 2e-4)
    expectRowsSumToOne(axis)
  }

  @Test(arguments: [(8, 32), (8, 5), (3, 100), (1, 4)])
  func outputsAndInputsFindEachOther(inputs: Int, outputs: Int) {
    let axis = AxisInterpolationWeights.bilinear(from: inputs, to: outputs)
    for input in 0..<inputs {
      let reached = axis.outputs(lookingAt: input..<input + 1)
      let looking = (0..<outputs).filter { axis.inputs(of: $0..<$0 + 1).contains(input) }
      #expect(Array(reached) == looking, "input \(input)")
    }
    #expect(axis.outputs(lookingAt: 0..<0).isEmpty && axis.inputs(of: 0..<0).isEmpty)
  }

  private func dense(_ axis: AxisInterpolationWeights) -> [[Float]] {
    (0..<axis.outputCount).map { output in
      var row = Array(repeating: Float(0), count: axis.inputCount)
      for index in 0..<axis.weightsPerOutput {
        row[Int(axis.starts.pointer[output]) + index] += axis.weights.pointer[output * axis.weightsPerOutput + index]
      }
      return row
    }
  }

  private func floats(_ matrix: [[Double]]) -> [Float] { matrix.joined().map(Float.init) }

  private func expectRowsSumToOne(_ axis: AxisInterpolationWeights) {
    expectClose(
      dense(axis).map { $0.reduce(0, +) }, Array(repeating: 1, count: axis.outputCount), absolute: 1e-6)
    #expect(axis.weights.withElements { $0.allSatisfy { $0 >= 0 } })
  }
}
