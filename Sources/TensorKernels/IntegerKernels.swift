import OpenBLAS
package import TensorCore
import TensorKernelBodies

#if arch(x86_64)
  import CProcessor
  import TensorKernelsAVX2
  import TensorKernelsAVXVNNI
  import TensorKernelsVNNI
#endif

/// Instruction sets of the int8 kernels.
package enum IntegerInstructionSet: String, Sendable {
  /// Products of bytes in tiles.
  case amx
  /// Products of bytes with AVX-512's vectors.
  case vnni
  /// The same with AVX2's vectors.
  case avxvnni = "avx-vnni"
  case avx2
  /// The baseline of the architecture.
  case portable
}

/// int8 kernels of one instruction set. All of them compute the same bits.
final class IntegerKernels: Sendable {
  enum Method: Sendable {
    /// Tiles of our own.
    case tiles(@Sendable (IntegerGEMMMicroKernel) -> Void)
    /// OpenBLAS's `sgemm`; see `OpenBLASIntegerProduct`.
    case openBLAS(OpenBLAS)
  }

  /// Columns of a panel, and of a tile. With OpenBLAS, the most columns of a panel.
  let nr: Int
  /// Rows of the largest tile. With OpenBLAS, which copies what it reads for each product, rows that are worth a call.
  let mr: Int
  let method: Method
  /// Quantizes fp32 values; see `TensorKernelBodies.quantize`.
  let quantize:
    @Sendable (
      _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
      _ bytes: UnsafeMutablePointer<UInt8>
    ) -> Void

  init(
    nr: Int,
    mr: Int,
    _ method: Method,
    quantize:
      @escaping @Sendable (
        _ values: UnsafePointer<Float>, _ count: Int, _ inverse: Float, _ zeroPoint: Float,
        _ bytes: UnsafeMutablePointer<UInt8>
      ) -> Void
  ) {
    self.nr = nr
    self.mr = mr
    self.method = method
    self.quantize = quantize
  }
}

extension IntegerKernels {
  func panelWidth(columns: Int) -> Int {
    switch method {
    case .tiles: nr
    case .openBLAS: OpenBLASIntegerProduct.panelWidth(columns: columns, most: nr)
    }
  }
}

extension KernelBackend {
  var integerKernels: IntegerKernels {
    switch gemm {
    case .own: instructions.integerKernels
    case .openblas: IntegerKernels.openBLAS ?? instructions.integerKernels
    }
  }
}

extension InstructionSet {
  /// Instruction set of the int8 kernels. AVX-512 without VNNI uses those of processors without AVX-512.
  package var integers: IntegerInstructionSet {
    switch self {
    #if arch(x86_64)
      case .amx: .amx
      case .avx512 where processor_has_avx512_vnni(): .vnni
      case .avx512, .avx2: processor_has_avx_vnni() ? .avxvnni : .avx2
    #else
      case .amx, .avx512, .avx2: .portable
    #endif
    case .portable: .portable
    }
  }

  var integerKernels: IntegerKernels {
    switch integers {
    #if arch(x86_64)
      case .amx: .amx
      case .vnni: .vnni
      case .avxvnni: .avxvnni
      case .avx2: .avx2
    #else
      case .amx, .vnni, .avxvnni, .avx2: .portable
    #endif
    case .portable: .portable
    }
  }
}

extension IntegerKernels {
  #if arch(x86_64)
    /// A block of rows is cut at every 16; where 32 follow each other, a tile takes them.
    static let amx = IntegerKernels(
      nr: 32, mr: 16, .tiles(integerGEMMTile32x32AMX), quantize: quantizeVNNI)
    static let vnni = IntegerKernels(
      nr: 32, mr: 12, .tiles(integerGEMMTile12x32VNNI), quantize: quantizeVNNI)
    static let avxvnni = IntegerKernels(
      nr: 16, mr: 6, .tiles(integerGEMMTile6x16AVXVNNI), quantize: quantizeAVXVNNI)
    static let avx2 = IntegerKernels(
      nr: 16, mr: 4, .tiles(integerGEMMTile4x16AVX2), quantize: quantizeAVX2)
  #endif

  static let portable = IntegerKernels(
    nr: 8, mr: 4, .tiles { $0.multiplyMR4(Portable.self) },
    quantize: {
      TensorKernelBodies.quantize($0, count: $1, inverse: $2, zeroPoint: $3, into: $4, Portable.self)
    })
  /// `nil` if the system has no OpenBLAS that threads may share.
  static let openBLAS = OpenBLAS.shared.flatMap {
    $0.isThreadSafe ? IntegerKernels(nr: 256, mr: 96, .openBLAS($0), quantize: portable.quantize) : nil
  }
}
