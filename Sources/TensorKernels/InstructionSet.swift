import CProcessor
import Glibc
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

  /// The best that this processor has, or what the environment variable `M2FP_INSTRUCTIONS` names of what it has; found
  /// out once.
  package static let best: InstructionSet =
    getenv("M2FP_INSTRUCTIONS").flatMap { name in available.first { $0.rawValue == String(cString: name) } }
    ?? available[0]

  /// What this processor has, best first; never empty.
  package static var available: [InstructionSet] { allCases.filter(\.isAvailable) }
}

/// The kernels of one instruction set, with the sizes that their callers have to know.
final class KernelConfiguration: Sendable {
  /// Columns of a panel that `gemm` multiplies with.
  let nr: Int
  /// Rows of its largest tile.
  let mr: Int
  let gemm: @Sendable (GEMMMicroKernel) -> Void
  /// The same without fusing, so with the same bits in every table.
  let unfusedGEMM: @Sendable (GEMMMicroKernel) -> Void
  let packByCopying: @Sendable (PanelPacking) -> Void
  let packByTransposing: @Sendable (PanelPacking) -> Void
  let onlineSoftmaxUpdate: @Sendable (SoftmaxBlock) -> Void
  let onlineSoftmaxFinalize: @Sendable (SoftmaxBlock) -> Void
  let layerNorm: @Sendable (LayerNormRows) -> Void
  let channelMoments: @Sendable (ChannelMoments) -> Void
  let channelTransform: @Sendable (ChannelTransform) -> Void
  let maxPoolRow: @Sendable (MaxPoolRow, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) -> Void
  let bilinearRow: @Sendable (BilinearRow, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) -> Void
  let deformableAttention: @Sendable (_ sampler: DeformableSampler, _ queries: Range<Int>) -> Void
  /// x = e^(x − offset) over `count` floats; returns their sum.
  let exponentiate: @Sendable (_ x: UnsafeMutablePointer<Float>, _ count: Int, _ offset: Float) -> Float
  let positiveLogits: @Sendable (_ logits: UnsafePointer<Float>, _ span: Range<Int>) -> (count: Int, sum: Float)
  let addLikely:
    @Sendable (
      _ logits: UnsafePointer<Float>, _ span: Range<Int>, _ scale: Float, _ sums: UnsafeMutablePointer<Float>,
      _ counts: UnsafeMutablePointer<Float>
    ) -> Void
  let chooseLarger:
    @Sendable (
      _ values: UnsafePointer<Float>, _ span: Range<Int>, _ category: Int32, _ best: UnsafeMutablePointer<Float>,
      _ winners: UnsafeMutablePointer<Int32>
    ) -> Void
  let logistic: @Sendable (_ logits: UnsafeMutablePointer<Float>, _ span: Range<Int>) -> Void
  let winogradWeight: @Sendable (WinogradWeightPanel) -> Void
  let winogradInput: @Sendable (WinogradInputPatch) -> Void
  let winogradOutput: @Sendable (WinogradOutputTile) -> Void

  init(
    nr: Int,
    mr: Int,
    gemm: @escaping @Sendable (GEMMMicroKernel) -> Void,
    unfusedGEMM: @escaping @Sendable (GEMMMicroKernel) -> Void,
    packByCopying: @escaping @Sendable (PanelPacking) -> Void,
    packByTransposing: @escaping @Sendable (PanelPacking) -> Void,
    onlineSoftmaxUpdate: @escaping @Sendable (SoftmaxBlock) -> Void,
    onlineSoftmaxFinalize: @escaping @Sendable (SoftmaxBlock) -> Void,
    layerNorm: @escaping @Sendable (LayerNormRows) -> Void,
    channelMoments: @escaping @Sendable (ChannelMoments) -> Void,
    channelTransform: @escaping @Sendable (ChannelTransform) -> Void,
    maxPoolRow: @escaping @Sendable (MaxPoolRow, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) -> Void,
    bilinearRow: @escaping @Sendable (BilinearRow, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) -> Void,
    deformableAttention: @escaping @Sendable (_ sampler: DeformableSampler, _ queries: Range<Int>) -> Void,
    exponentiate: @escaping @Sendable (_ x: UnsafeMutablePointer<Float>, _ count: Int, _ offset: Float) -> Float,
    positiveLogits:
      @escaping @Sendable (_ logits: UnsafePointer<Float>, _ span: Range<Int>) -> (count: Int, sum: Float),
    addLikely:
      @escaping @Sendable (
        _ logits: UnsafePointer<Float>, _ span: Range<Int>, _ scale: Float, _ sums: UnsafeMutablePointer<Float>,
        _ counts: UnsafeMutablePointer<Float>
      ) -> Void,
    chooseLarger:
      @escaping @Sendable (
        _ values: UnsafePointer<Float>, _ span: Range<Int>, _ category: Int32, _ best: UnsafeMutablePointer<Float>,
        _ winners: UnsafeMutablePointer<Int32>
      ) -> Void,
    logistic: @escaping @Sendable (_ logits: UnsafeMutablePointer<Float>, _ span: Range<Int>) -> Void,
    winogradWeight: @escaping @Sendable (WinogradWeightPanel) -> Void,
    winogradInput: @escaping @Sendable (WinogradInputPatch) -> Void,
    winogradOutput: @escaping @Sendable (WinogradOutputTile) -> Void
  ) {
    self.nr = nr
    self.mr = mr
    self.gemm = gemm
    self.unfusedGEMM = unfusedGEMM
    self.packByCopying = packByCopying
    self.packByTransposing = packByTransposing
    self.onlineSoftmaxUpdate = onlineSoftmaxUpdate
    self.onlineSoftmaxFinalize = onlineSoftmaxFinalize
    self.layerNorm = layerNorm
    self.channelMoments = channelMoments
    self.channelTransform = channelTransform
    self.maxPoolRow = maxPoolRow
    self.bilinearRow = bilinearRow
    self.deformableAttention = deformableAttention
    self.exponentiate = exponentiate
    self.positiveLogits = positiveLogits
    self.addLikely = addLikely
    self.chooseLarger = chooseLarger
    self.logistic = logistic
    self.winogradWeight = winogradWeight
    self.winogradInput = winogradInput
    self.winogradOutput = winogradOutput
  }
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

extension KernelConfiguration {
  #if arch(x86_64)
    /// Max pooling and resizing are AVX2's: they wait for memory, and wider vectors make them no faster.
    static let avx512 = KernelConfiguration(
      nr: 32, mr: 12, gemm: gemmF32Tile12x32AVX512,
      unfusedGEMM: unfusedGEMMF32Tile12x32AVX512,
      packByCopying: packByCopyingAVX512, packByTransposing: packByTransposingAVX512,
      onlineSoftmaxUpdate: onlineSoftmaxUpdateAVX512, onlineSoftmaxFinalize: onlineSoftmaxFinalizeAVX512,
      layerNorm: layerNormAVX512, channelMoments: channelMomentsAVX512, channelTransform: channelTransformAVX512,
      maxPoolRow: maxPoolRowAVX2, bilinearRow: bilinearRowAVX2,
      deformableAttention: deformableAttentionAVX512, exponentiate: exponentiateAVX512,
      positiveLogits: positiveLogitsAVX512, addLikely: addLikelyAVX512, chooseLarger: chooseLargerAVX512,
      logistic: logisticAVX512,
      winogradWeight: winogradWeightAVX512,
      winogradInput: winogradInputAVX512, winogradOutput: winogradOutputAVX512)
    static let avx2 = KernelConfiguration(
      nr: 16, mr: 6, gemm: gemmF32Tile6x16AVX2,
      unfusedGEMM: unfusedGEMMF32Tile6x16AVX2,
      packByCopying: packByCopyingAVX2, packByTransposing: packByTransposingAVX2,
      onlineSoftmaxUpdate: onlineSoftmaxUpdateAVX2, onlineSoftmaxFinalize: onlineSoftmaxFinalizeAVX2,
      layerNorm: layerNormAVX2, channelMoments: channelMomentsAVX2, channelTransform: channelTransformAVX2,
      maxPoolRow: maxPoolRowAVX2, bilinearRow: bilinearRowAVX2,
      deformableAttention: deformableAttentionAVX2, exponentiate: exponentiateAVX2, positiveLogits: positiveLogitsAVX2,
      addLikely: addLikelyAVX2, chooseLarger: chooseLargerAVX2, logistic: logisticAVX2,
      winogradWeight: winogradWeightAVX2,
      winogradInput: winogradInputAVX2, winogradOutput: winogradOutputAVX2)
  #endif

  static let portable = KernelConfiguration(
    nr: 8, mr: 4,
    gemm: { $0.multiplyMR4(Portable.self) },
    unfusedGEMM: { $0.multiplyMR4(Unfused<Portable>.self) },
    packByCopying: { $0.copy(Portable.self) },
    packByTransposing: { $0.transpose(Portable.self) },
    onlineSoftmaxUpdate: { $0.weigh(Portable.self) },
    onlineSoftmaxFinalize: { $0.finish(Portable.self) },
    layerNorm: { $0.normalize(Portable.self) },
    channelMoments: { $0.measure(Portable.self) },
    channelTransform: { $0.transform(Portable.self) },
    maxPoolRow: { $0.pool($1, count: $2, into: $3, Portable.self) },
    bilinearRow: { $0.resize($1, count: $2, into: $3, Portable.self) },
    deformableAttention: { $0.attend($1, Portable.self) },
    exponentiate: { TensorKernelBodies.exponentiate($0, count: $1, subtracting: $2, Portable.self) },
    positiveLogits: { TensorKernelBodies.positiveLogits($0, in: $1, Portable.self) },
    addLikely: { TensorKernelBodies.addLikely($0, in: $1, scale: $2, sums: $3, counts: $4, Portable.self) },
    chooseLarger: {
      TensorKernelBodies.chooseLarger($0, in: $1, category: $2, best: $3, winners: $4, Portable.self)
    },
    logistic: { replaceByLogistic($0, in: $1, Portable.self) },
    winogradWeight: { $0.transform(Portable.self) },
    winogradInput: { $0.transform(Portable.self) },
    winogradOutput: { $0.transform(Portable.self) })
}
