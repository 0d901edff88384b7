import CProcessor
import Glibc

/// The vector instructions that kernels are compiled for.
package enum InstructionSet: String, CaseIterable, Sendable {
  case avx512, avx2
  /// The baseline of the architecture.
  case portable

  /// Whether this processor has them and the operating system lets programs use them.
  package var isAvailable: Bool {
    switch self {
    case .avx512: processor_has_avx512()
    case .avx2: processor_has_avx2()
    case .portable: true
    }
  }

  /// The best that this processor has, or what the environment variable `M2FP_INSTRUCTIONS` names of what it has; found
  /// out once.
  package static let best: InstructionSet =
    getenv("M2FP_INSTRUCTIONS").flatMap { name in available.first { $0.rawValue == String(cString: name) } }
    ?? available[0]

  /// Instruction sets of this processor, best first; never empty.
  package static var available: [InstructionSet] { allCases.filter(\.isAvailable) }
}

extension InstructionSet {
  /// The one place where kernels are chosen.
  var kernels: KernelConfiguration {
    switch self {
    #if arch(x86_64)
      case .avx512: .avx512
      case .avx2: .avx2
    #else
      case .avx512, .avx2: .portable
    #endif
    case .portable: .portable
    }
  }
}
