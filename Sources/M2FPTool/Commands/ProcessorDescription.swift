import Foundation
import OpenBLAS
import Platform
import TensorCore
import TensorKernels

/// What networks run on in this process, which `m2fp info --processor` prints.
struct ProcessorDescription: Encodable {
  let processor = Processor.name
  let processors = Processor.count
  /// Vector instructions that are used, and all that the processor has.
  let instructions = KernelBackend.best.instructions.rawValue
  let availableInstructions = InstructionSet.available.map(\.rawValue)
  /// Instructions of int8 products that are our own.
  let int8Instructions = KernelBackend.best.instructions.integers.rawValue
  /// What multiplies matrices, and all that could.
  let gemm = KernelBackend.best.gemm.rawValue
  let availableGEMM = GEMMBackend.allCases.filter(\.isAvailable).map(\.rawValue)
  /// Nil if the system has none.
  let openBLAS = OpenBLAS.shared?.description

  private enum CodingKeys: String, CodingKey {
    case processor, processors, instructions, gemm
    case availableInstructions = "available_instructions"
    case int8Instructions = "int8_instructions"
    case availableGEMM = "available_gemm"
    case openBLAS = "openblas"
  }

  func json() throws -> String { try JSONText.pretty(self) }

  var text: String {
    let rows = [
      ("processor", "\(processor), \(processors) online"),
      ("vector instructions", "\(instructions), of \(availableInstructions.joined(separator: ", "))"),
      ("matrix products", "\(gemm), of \(availableGEMM.joined(separator: ", "))"),
      ("int8 products", gemm == GEMMBackend.own.rawValue ? int8Instructions : gemm),
      ("OpenBLAS", openBLAS.map { openBLASUse($0) } ?? "not installed"),
    ]
    return rows.map { "\($0.padding(toLength: 21, withPad: " ", startingAt: 0))\($1)" }.joined(separator: "\n")
  }

  private func openBLASUse(_ description: String) -> String {
    availableGEMM.contains(GEMMBackend.openblas.rawValue)
      ? description
      : "\(description); not used, as threads cannot share one that is built without threads (libopenblas0-pthread is)"
  }
}
