import Foundation
import ImageCoding
import TestSupport
import Testing

/// Masks of the int8 starter weights on the sample photographs, which must be identical on every processor.
///
/// The goldens are the label maps that `m2fp parse --precision int8 --output labels` writes. Their agreement
/// with the masks of fp32 is measured in the README of the weights.
@Suite(.timeLimit(.minutes(10))) struct QuantizedGoldenTests {
  /// Instruction sets and backends of products; the program ignores what the processor or the program does not have.
  @Test(arguments: ["avx512", "avx2", "portable"], ["own", "openblas"])
  func masksAreTheSameOnEveryProcessor(instructions: String, gemm: String) throws {
    let photographs = ["astronaut.png", "grace-hopper.jpg", "two-people.jpg"]
    let folder = try TemporaryFolder()
    let paths = photographs.map { Sample.photograph($0).path }
    let result = try Program(
      ["parse", "--precision", "int8", "--output", "labels", "-o", folder.path] + paths,
      after: "export M2FP_INSTRUCTIONS=\(instructions) M2FP_GEMM=\(gemm)"
    ).wait()
    #expect(result.status == 0, "\(result.errors)")
    for photograph in photographs {
      let name = photograph.prefix { $0 != "." }
      let found = try LabelMap(contentsOf: URL(filePath: folder / "\(name).labels.png"))
      let golden = try LabelMap(contentsOf: Sample.golden("\(name).int8.labels.png"))
      #expect(found.width == golden.width && found.height == golden.height)
      let different = zip(found.indices, golden.indices).count { $0 != $1 }
      #expect(different == 0, "\(photograph): \(different) pixels differ")
    }
  }
}
