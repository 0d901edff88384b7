import CProcessor
import Platform

/// The vector instructions that kernels are compiled for.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// AVX-512, and AMX's tiles for products of bytes.
  case amx
  case avx512, avx2
  /// What every processor of the architecture has.
  case portable

  /// Whether this processor has them and the operating system lets programs use them.
  package var isAvailable: Bool {
    switch self {
    case .amx: processor_has_amx_int8()
    case .avx512: processor_has_avx512()
    case .avx2: processor_has_avx2()
    case .portable: true
    }
  }

  /// The best that this processor has, or what the environment variable `M2FP_INSTRUCTIONS` names of what it has; found
  /// out once.
  package static let best: InstructionSet =
    environmentVariable("M2FP_INSTRUCTIONS").flatMap { name in available.first { $0.rawValue == name } } ?? available[0]

  /// What this processor has, best first; never empty.
  package static var available: [InstructionSet] { allCases.filter { $0.isAvailable } }
}
