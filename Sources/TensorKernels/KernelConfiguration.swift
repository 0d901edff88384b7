import TensorCore
import TensorKernelBodies

#if arch(x86_64)
  import TensorKernelsAVX2
  import TensorKernelsAVX512
#endif

/// Kernels of one instruction set, with the tile sizes that their callers have to know.
final class KernelConfiguration: Sendable {
  typealias Kernel<Argument> = @Sendable (Argument) -> Void
  /// Computes `count` pixels of an output row into `y`.
  typealias RowKernel<Argument> =
    @Sendable (Argument, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) -> Void
  typealias DeformableAttention = @Sendable (_ sampler: DeformableSampler, _ queries: Range<Int>) -> Void
  typealias Exponentiate = @Sendable (_ x: UnsafeMutablePointer<Float>, _ count: Int, _ offset: Float) -> Float
  typealias PositiveLogits = @Sendable (_ logits: UnsafePointer<Float>, _ span: Range<Int>) -> (count: Int, sum: Float)
  typealias AddLikely =
    @Sendable (
      _ logits: UnsafePointer<Float>, _ span: Range<Int>, _ scale: Float, _ sums: UnsafeMutablePointer<Float>,
      _ counts: UnsafeMutablePointer<Float>
    ) -> Void
  typealias ChooseLarger =
    @Sendable (
      _ values: UnsafePointer<Float>, _ span: Range<Int>, _ category: Int32, _ best: UnsafeMutablePointer<Float>,
      _ winners: UnsafeMutablePointer<Int32>
    ) -> Void
  typealias Logistic = @Sendable (_ logits: UnsafeMutablePointer<Float>, _ span: Range<Int>) -> Void

  let gemm: GEMM
  /// The same without fused multiply-adds: the same bits with every instruction set.
  let unfusedGEMM: GEMM
  /// Columns of a panel whose weights are transformed for Winograd's products: two vectors.
  let winogradPanelWidth: Int
  let onlineSoftmaxUpdate: Kernel<SoftmaxBlock>
  let onlineSoftmaxFinalize: Kernel<SoftmaxBlock>
  let layerNorm: Kernel<LayerNormRows>
  let channelMoments: Kernel<ChannelMoments>
  let channelTransform: Kernel<ChannelTransform>
  let maxPoolRow: RowKernel<MaxPoolRow>
  let bilinearRow: RowKernel<BilinearRow>
  let deformableAttention: DeformableAttention
  /// x = e^(x − offset) over `count` floats; returns their sum.
  let exponentiate: Exponentiate
  let positiveLogits: PositiveLogits
  let addLikely: AddLikely
  let chooseLarger: ChooseLarger
  let logistic: Logistic
  let winogradWeight: Kernel<WinogradWeightPanel>
  let winogradInput: Kernel<WinogradInputPatch>
  let winogradOutput: Kernel<WinogradOutputTile>

  init(
    nr: Int,
    mr: Int,
    gemm: @escaping Kernel<GEMMMicroKernel>,
    unfusedGEMM: @escaping Kernel<GEMMMicroKernel>,
    packByCopying: @escaping Kernel<PanelPacking>,
    packByTransposing: @escaping Kernel<PanelPacking>,
    onlineSoftmaxUpdate: @escaping Kernel<SoftmaxBlock>,
    onlineSoftmaxFinalize: @escaping Kernel<SoftmaxBlock>,
    layerNorm: @escaping Kernel<LayerNormRows>,
    channelMoments: @escaping Kernel<ChannelMoments>,
    channelTransform: @escaping Kernel<ChannelTransform>,
    maxPoolRow: @escaping RowKernel<MaxPoolRow>,
    bilinearRow: @escaping RowKernel<BilinearRow>,
    deformableAttention: @escaping DeformableAttention,
    exponentiate: @escaping Exponentiate,
    positiveLogits: @escaping PositiveLogits,
    addLikely: @escaping AddLikely,
    chooseLarger: @escaping ChooseLarger,
    logistic: @escaping Logistic,
    winogradWeight: @escaping Kernel<WinogradWeightPanel>,
    winogradInput: @escaping Kernel<WinogradInputPatch>,
    winogradOutput: @escaping Kernel<WinogradOutputTile>
  ) {
    func products(_ multiply: @escaping Kernel<GEMMMicroKernel>) -> GEMM {
      GEMM(
        nr: nr, mr: mr,
        TileGEMM(multiply: multiply, packByCopying: packByCopying, packByTransposing: packByTransposing))
    }
    self.gemm = products(gemm)
    self.unfusedGEMM = products(unfusedGEMM)
    winogradPanelWidth = nr
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
    onlineSoftmaxUpdate: { $0.update(Portable.self) },
    onlineSoftmaxFinalize: { $0.finalize(Portable.self) },
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

extension InstructionSet {
  /// The one place where kernels are chosen.
  var kernels: KernelConfiguration {
    switch self {
    #if arch(x86_64)
      case .amx, .avx512: .avx512
      case .avx2: .avx2
    #else
      case .amx, .avx512, .avx2: .portable
    #endif
    case .portable: .portable
    }
  }
}
