// The vector bodies, compiled for AVX-512. Call only where the processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies

  enum AVX512: VectorInstructions {
    typealias Vector = SIMD16<Float>

    @inline(__always)
    static var fuses: Bool { true }
  }

  package func gemmF32Tile12x32AVX512(_ product: GEMMMicroKernel) {
    product.multiplyMR12(AVX512.self)
  }

  package func unfusedGEMMF32Tile12x32AVX512(_ product: GEMMMicroKernel) {
    product.multiplyMR12(Unfused<AVX512>.self)
  }

  package func packByCopyingAVX512(_ packing: PanelPacking) {
    packing.copy(AVX512.self)
  }

  package func packByTransposingAVX512(_ packing: PanelPacking) {
    packing.transpose(AVX512.self)
  }

  package func onlineSoftmaxUpdateAVX512(_ block: SoftmaxBlock) {
    block.update(AVX512.self)
  }

  package func onlineSoftmaxFinalizeAVX512(_ block: SoftmaxBlock) {
    block.finalize(AVX512.self)
  }

  package func layerNormAVX512(_ rows: LayerNormRows) {
    rows.normalize(AVX512.self)
  }

  package func channelMomentsAVX512(_ moments: ChannelMoments) {
    moments.measure(AVX512.self)
  }

  package func channelTransformAVX512(_ transform: ChannelTransform) {
    transform.transform(AVX512.self)
  }

  package func deformableAttentionAVX512(_ sampler: DeformableSampler, _ queries: Range<Int>) {
    sampler.attend(queries, AVX512.self)
  }

  package func exponentiateAVX512(_ x: UnsafeMutablePointer<Float>, _ count: Int, _ offset: Float) -> Float {
    exponentiate(x, count: count, subtracting: offset, AVX512.self)
  }

  package func positiveLogitsAVX512(_ logits: UnsafePointer<Float>, _ span: Range<Int>) -> (count: Int, sum: Float) {
    positiveLogits(logits, in: span, AVX512.self)
  }

  package func addLikelyAVX512(
    _ logits: UnsafePointer<Float>, _ span: Range<Int>, _ scale: Float, _ sums: UnsafeMutablePointer<Float>,
    _ counts: UnsafeMutablePointer<Float>
  ) {
    addLikely(logits, in: span, scale: scale, sums: sums, counts: counts, AVX512.self)
  }

  package func chooseLargerAVX512(
    _ values: UnsafePointer<Float>, _ span: Range<Int>, _ category: Int32, _ best: UnsafeMutablePointer<Float>,
    _ winners: UnsafeMutablePointer<Int32>
  ) {
    chooseLarger(values, in: span, category: category, best: best, winners: winners, AVX512.self)
  }

  package func logisticAVX512(_ logits: UnsafeMutablePointer<Float>, _ span: Range<Int>) {
    replaceByLogistic(logits, in: span, AVX512.self)
  }

  package func winogradWeightAVX512(_ panel: WinogradWeightPanel) {
    panel.transform(AVX512.self)
  }

  package func winogradInputAVX512(_ patch: WinogradInputPatch) {
    patch.transform(AVX512.self)
  }

  package func winogradOutputAVX512(_ tile: WinogradOutputTile) {
    tile.transform(AVX512.self)
  }

  package func multiplyAddLoopAVX512(_ rounds: Int) -> Float {
    MultiplyAddLoop.run(rounds: rounds, AVX512.self)
  }
#endif
