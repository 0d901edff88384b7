// The vector bodies, compiled for AVX2 and FMA. Call only where the processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies

  package func panelProductF32Tile6x16AVX2(_ product: PanelProduct) {
    product.multiplyTilesOf6(as: SIMD8<Float>.self, fused: true)
  }

  package func winogradWeightAVX2(_ panel: WinogradWeightPanel) {
    panel.transform(as: SIMD8<Float>.self, fused: true)
  }

  package func winogradInputAVX2(_ patch: WinogradInputPatch) {
    patch.transform(as: SIMD8<Float>.self, fused: true)
  }

  package func winogradOutputAVX2(_ tile: WinogradOutputTile) {
    tile.transform(as: SIMD8<Float>.self, fused: true)
  }
#endif
