import CProcessor
import TensorKernelBodies

#if arch(x86_64)
  import TensorKernelsAVX2
  import TensorKernelsAVX512
#endif

/// The vector instructions that kernels are compiled for.
package enum InstructionSet: String, CaseIterable, Sendable {
  case avx512, avx2
  /// What every processor of the architecture has.
  case portable

  /// Whether this processor has them and the operating system lets programs use them.
  package var isAvailable: Bool {
    switch self {
    case .avx512: processor_has_avx512()
    case .avx2: processor_has_avx2()
    case .portable: true
    }
  }

  /// The best that this processor has, found out once.
  package static let best: InstructionSet = allCases.first(where: \.isAvailable) ?? .portable

  package static var available: [InstructionSet] { allCases.filter(\.isAvailable) }
}

/// The kernels of one instruction set, with the sizes that their callers have to know.
struct KernelTable: Sendable {
  /// Columns of a panel that `panelProduct` multiplies with.
  let panelWidth: Int
  /// Rows of its largest tile.
  let tileRows: Int
  let panelProduct: @Sendable (PanelProduct) -> Void
  let deformableAttention: @Sendable (_ sampler: DeformableSampler, _ queries: Range<Int>) -> Void
  /// x = e^(x − offset) over `count` floats; returns their sum.
  let exponentiate: @Sendable (_ x: UnsafeMutablePointer<Float>, _ count: Int, _ offset: Float) -> Float
  let winogradWeight: @Sendable (WinogradWeightPanel) -> Void
  let winogradInput: @Sendable (WinogradInputPatch) -> Void
  let winogradOutput: @Sendable (WinogradOutputTile) -> Void
}

extension InstructionSet {
  /// The one place where kernels are chosen.
  var kernels: KernelTable {
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

extension KernelTable {
  #if arch(x86_64)
    static let avx512 = KernelTable(
      panelWidth: 32, tileRows: 12, panelProduct: panelProductF32Tile12x32AVX512,
      deformableAttention: deformableAttentionAVX512, exponentiate: exponentiateAVX512,
      winogradWeight: winogradWeightAVX512,
      winogradInput: winogradInputAVX512, winogradOutput: winogradOutputAVX512)
    static let avx2 = KernelTable(
      panelWidth: 16, tileRows: 6, panelProduct: panelProductF32Tile6x16AVX2,
      deformableAttention: deformableAttentionAVX2, exponentiate: exponentiateAVX2, winogradWeight: winogradWeightAVX2,
      winogradInput: winogradInputAVX2, winogradOutput: winogradOutputAVX2)
  #endif

  static let portable = KernelTable(
    panelWidth: 8, tileRows: 4,
    panelProduct: { $0.multiplyTilesOf4(Portable.self) },
    deformableAttention: { $0.attend($1, Portable.self) },
    exponentiate: { TensorKernelBodies.exponentiate($0, count: $1, subtracting: $2, Portable.self) },
    winogradWeight: { $0.transform(Portable.self) },
    winogradInput: { $0.transform(Portable.self) },
    winogradOutput: { $0.transform(Portable.self) })
}
