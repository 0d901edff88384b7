// The vector bodies, compiled for AVX2 and FMA. Call only where the processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies

  enum AVX2: VectorInstructions {
    typealias Vector = SIMD8<Float>

    @inline(__always)
    static var fuses: Bool { true }
  }

  package func gemmF32Tile6x16AVX2(_ product: GEMMMicroKernel) {
    product.multiplyMR6(AVX2.self)
  }

  package func unfusedGEMMF32Tile6x16AVX2(_ product: GEMMMicroKernel) {
    product.multiplyMR6(Unfused<AVX2>.self)
  }

  package func packByCopyingAVX2(_ packing: PanelPacking) {
    packing.copy(AVX2.self)
  }

  package func packByTransposingAVX2(_ packing: PanelPacking) {
    packing.transpose(AVX2.self)
  }

  package func onlineSoftmaxUpdateAVX2(_ block: SoftmaxBlock) {
    block.update(AVX2.self)
  }

  package func onlineSoftmaxFinalizeAVX2(_ block: SoftmaxBlock) {
    block.finalize(AVX2.self)
  }

  package func layerNormAVX2(_ rows: LayerNormRows) {
    rows.normalize(AVX2.self)
  }

  package func channelMomentsAVX2(_ moments: ChannelMoments) {
    moments.measure(AVX2.self)
  }

  package func channelTransformAVX2(_ transform: ChannelTransform) {
    transform.transform(AVX2.self)
  }

  package func maxPoolRowAVX2(_ pooling: MaxPoolRow, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) {
    pooling.pool(row, count: count, into: y, AVX2.self)
  }

  package func bilinearRowAVX2(_ resize: BilinearRow, _ row: Int, _ count: Int, _ y: UnsafeMutablePointer<Float>) {
    resize.resize(row, count: count, into: y, AVX2.self)
  }

  package func deformableAttentionAVX2(_ sampler: DeformableSampler, _ queries: Range<Int>) {
    sampler.attend(queries, AVX2.self)
  }

  package func exponentiateAVX2(_ x: UnsafeMutablePointer<Float>, _ count: Int, _ offset: Float) -> Float {
    exponentiate(x, count: count, subtracting: offset, AVX2.self)
  }

  package func positiveLogitsAVX2(_ logits: UnsafePointer<Float>, _ span: Range<Int>) -> (count: Int, sum: Float) {
    positiveLogits(logits, in: span, AVX2.self)
  }

  package func addLikelyAVX2(
    _ logits: UnsafePointer<Float>, _ span: Range<Int>, _ scale: Float, _ sums: UnsafeMutablePointer<Float>,
    _ counts: UnsafeMutablePointer<Float>
  ) {
    addLikely(logits, in: span, scale: scale, sums: sums, counts: counts, AVX2.self)
  }

  package func chooseLargerAVX2(
    _ values: UnsafePointer<Float>, _ span: Range<Int>, _ category: Int32, _ best: UnsafeMutablePointer<Float>,
    _ winners: UnsafeMutablePointer<Int32>
  ) {
    chooseLarger(values, in: span, category: category, best: best, winners: winners, AVX2.self)
  }

  package func logisticAVX2(_ logits: UnsafeMutablePointer<Float>, _ span: Range<Int>) {
    replaceByLogistic(logits, in: span, AVX2.self)
  }

  package func winogradWeightAVX2(_ panel: WinogradWeightPanel) {
    panel.transform(AVX2.self)
  }

  package func winogradInputAVX2(_ patch: WinogradInputPatch) {
    patch.transform(AVX2.self)
  }

  package func winogradOutputAVX2(_ tile: WinogradOutputTile) {
    tile.transform(AVX2.self)
  }

  package func multiplyAddLoopAVX2(_ rounds: Int) -> Float {
    MultiplyAddLoop.run(rounds: rounds, AVX2.self)
  }
#endif
