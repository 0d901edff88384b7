import Platform
package import TensorCore

/// What kernels are chosen by: vector instructions, and who multiplies matrices.
package struct KernelBackend: Hashable, Sendable {
  package var instructions: InstructionSet
  package var gemm: GEMMBackend

  package init(_ instructions: InstructionSet, _ gemm: GEMMBackend) {
    self.instructions = instructions
    self.gemm = gemm
  }

  /// The backend for `InstructionSet.best`: our own tiles where they are compiled for its instructions, OpenBLAS where they are
  /// portable. The environment variable `M2FP_GEMM`, `own` or `openblas`, overrides that; found out once.
  package static let best: KernelBackend = {
    let asked = environmentVariable("M2FP_GEMM").flatMap(GEMMBackend.init(rawValue:))
    let usual: GEMMBackend = InstructionSet.best == .portable ? .openblas : .own
    return KernelBackend(.best, [asked, usual].compactMap { $0 }.first { $0.isAvailable } ?? .own)
  }()

  /// All that this program can compute with on this processor.
  package static var available: [KernelBackend] {
    InstructionSet.available.flatMap { instructions in
      GEMMBackend.allCases.filter { $0.isAvailable }.map { KernelBackend(instructions, $0) }
    }
  }

  /// The kernels that are no products of matrices.
  var kernels: KernelConfiguration { instructions.kernels }

  /// OpenBLAS has an order of summation for each processor: reproducible products are always our own.
  func gemm(_ arithmetic: Arithmetic) -> GEMM {
    switch (arithmetic, gemm) {
    case (.fastest, .own): kernels.gemm
    case (.fastest, .openblas): GEMM.openBLAS ?? kernels.gemm
    case (.reproducible, _): kernels.unfusedGEMM
    }
  }
}

extension KernelBackend: CustomStringConvertible {
  /// The names of both, as in `avx2` and `portable+openblas`.
  package var description: String {
    gemm == .own ? instructions.rawValue : "\(instructions.rawValue)+\(gemm.rawValue)"
  }
}
