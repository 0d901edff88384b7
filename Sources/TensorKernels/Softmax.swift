package import TensorCore
import TensorKernelBodies

/// x = e^(x − offset) over `count` floats; returns their sum: what a softmax divides by, its largest value subtracted so
/// that nothing overflows.
package func exponentiate(
  _ x: UnsafeMutablePointer<Float>, count: Int, subtracting offset: Float, _ instructions: InstructionSet
) -> Float {
  instructions.kernels.exponentiate(x, count, offset)
}
