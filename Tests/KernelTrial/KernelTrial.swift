import Platform

/// Compares every kernel with its scalar twin, without a test library, so that it can run where there is none: under an
/// emulator of another processor (`.ci/aarch64`).
///
/// It prints a line for each case, which ends with a checksum of the result's bits, so that the lines of two processors
/// can be compared.
@main
struct KernelTrial {
  static func main() {
    var trial = Trial()
    tryMatrixProducts(&trial)
    tryConvolutions(&trial)
    tryTokenKernels(&trial)
    tryMaps(&trial)
    tryMaskRows(&trial)
    tryInt8Layers(&trial)
    exitProcess(trial.failures == 0 ? 0 : 1)
  }
}
