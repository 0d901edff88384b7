import TensorCore
import TensorKernelBodies

#if arch(x86_64)
  import TensorKernelsAVX2
  import TensorKernelsAVX512
#endif

/// The resampling kernels of one instruction set.
package struct ResampleKernels: Sendable {
  /// Output pixels that `row` computes at once.
  package let groupSize: Int
  /// The horizontal pass over one row.
  let row: @Sendable (RowResampling) -> Void
  /// The vertical pass for one row of the output.
  let columns: @Sendable (ColumnResampling) -> Void

  /// The kernels for an instruction set; `nil` where there is portable code only.
  private init?(_ instructions: InstructionSet) {
    switch instructions {
    #if arch(x86_64)
      case .amx, .avx512: (groupSize, row, columns) = (4, resampleRowAVX512, resampleColumnsAVX512)
      case .avx2: (groupSize, row, columns) = (2, resampleRowAVX2, resampleColumnsAVX2)
    #else
      case .amx, .avx512, .avx2: return nil
    #endif
    case .portable: return nil
    }
  }

  /// The kernels that this processor can run, the best first; empty where there is portable code only.
  package static var available: [ResampleKernels] { InstructionSet.available.compactMap(ResampleKernels.init) }

  /// The kernels for `InstructionSet.best`; `nil` for portable code.
  static let best = ResampleKernels(.best)
}
