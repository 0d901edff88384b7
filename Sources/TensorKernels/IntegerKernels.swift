package import TensorCore
import TensorKernelBodies

#if arch(x86_64)
  import CProcessor
  import TensorKernelsAVX2
  import TensorKernelsVNNI
#endif

/// Instruction sets of the int8 kernels.
package enum IntegerInstructionSet: String, Sendable {
  case vnni, avx2
  /// The baseline of the architecture.
  case portable
}

/// int8 kernels of one instruction set. All of them compute the same bits.
final class IntegerKernels: Sendable {
  /// Columns of a panel, and of the micro-kernel's tile.
  let nr: Int
  /// Rows of the micro-kernel's largest tile.
  let mr: Int
  let gemm: @Sendable (IntegerGEMMMicroKernel) -> Void
  /// Quantizes fp32 values; see `TensorKernelBodies.quantize`.
  let quantize:
    @Sendable (
      _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
      _ bytes: UnsafeMutablePointer<UInt8>
    ) -> Void

  init(
    nr: Int,
    mr: Int,
    gemm: @escaping @Sendable (IntegerGEMMMicroKernel) -> Void,
    quantize:
      @escaping @Sendable (
        _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
        _ bytes: UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.nr = nr
    self.mr = mr
    self.gemm = gemm
    self.quantize = quantize
  }
}

extension InstructionSet {
  /// Instruction set of the int8 kernels. AVX-512 without VNNI uses those of AVX2.
  package var integers: IntegerInstructionSet {
    switch self {
    #if arch(x86_64)
      case .avx512: processor_has_avx512_vnni() ? .vnni : .avx2
      case .avx2: .avx2
    #else
      case .avx512, .avx2: .portable
    #endif
    case .portable: .portable
    }
  }

  var integerKernels: IntegerKernels {
    switch integers {
    #if arch(x86_64)
      case .vnni: .vnni
      case .avx2: .avx2
    #else
      case .vnni, .avx2: .portable
    #endif
    case .portable: .portable
    }
  }
}

extension IntegerKernels {
  #if arch(x86_64)
    static let vnni = IntegerKernels(
      nr: 32, mr: 12, gemm: integerGEMMTile12x32VNNI, quantize: quantizeVNNI)
    static let avx2 = IntegerKernels(
      nr: 16, mr: 4, gemm: integerGEMMTile4x16AVX2, quantize: quantizeAVX2)
  #endif

  static let portable = IntegerKernels(
    nr: 8, mr: 4, gemm: { $0.multiplyMR4(Portable.self) },
    quantize: {
      TensorKernelBodies.quantize($0, count: $1, inverse: $2, zeroPoint: $3, into: $4, Portable.self)
    })
}
