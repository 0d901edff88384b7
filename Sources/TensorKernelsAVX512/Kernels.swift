// The vector bodies, compiled for AVX-512. Call only where the processor has it: see `InstructionSet`.

#if arch(x86_64)
  package import TensorKernelBodies

  package func panelProductF32Tile12x32AVX512(_ product: PanelProduct) {
    product.multiplyTilesOf12(as: SIMD16<Float>.self, fused: true)
  }

  package func winogradWeightAVX512(_ panel: WinogradWeightPanel) {
    panel.transform(as: SIMD16<Float>.self, fused: true)
  }

  package func winogradInputAVX512(_ patch: WinogradInputPatch) {
    patch.transform(as: SIMD16<Float>.self, fused: true)
  }

  package func winogradOutputAVX512(_ tile: WinogradOutputTile) {
    tile.transform(as: SIMD16<Float>.self, fused: true)
  }
#endif
