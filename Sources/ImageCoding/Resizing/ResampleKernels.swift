import CProcessor
import Glibc
import TensorKernelBodies

#if arch(x86_64)
  import TensorKernelsAVX2
  import TensorKernelsAVX512
#endif

/// The resampling kernels of one instruction set.
package struct ResampleKernels: Sendable {
  package let name: String
  /// Output pixels that `row` computes at once.
  let groupSize: Int
  /// The horizontal pass over one row.
  let row: @Sendable (RowResampling) -> Void
  /// The vertical pass for one row of the output.
  let columns: @Sendable (ColumnResampling) -> Void

  /// The kernels that this processor can run, the best first; empty where there is portable code only.
  package static let available: [ResampleKernels] = {
    #if arch(x86_64)
      let avx512 = ResampleKernels(
        name: "avx512", groupSize: 4, row: resampleRowAVX512, columns: resampleColumnsAVX512)
      let avx2 = ResampleKernels(name: "avx2", groupSize: 2, row: resampleRowAVX2, columns: resampleColumnsAVX2)
      return (processor_has_avx512() ? [avx512] : []) + (processor_has_avx2() ? [avx2] : [])
    #else
      return []
    #endif
  }()

  /// The best of `available`, or the one that the environment variable `M2FP_INSTRUCTIONS` names; `nil` for portable code.
  /// The choice is made once.
  static let best: ResampleKernels? = {
    guard let name = getenv("M2FP_INSTRUCTIONS").map({ String(cString: $0) }) else { return available.first }
    return name == "portable" ? nil : available.first { $0.name == name } ?? available.first
  }()
}
