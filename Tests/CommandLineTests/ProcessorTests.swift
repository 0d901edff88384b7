import TestSupport
import Testing

/// `m2fp info --processor`, and the variables in the environment that it shows the effect of.
@Suite(.timeLimit(.minutes(2))) struct ProcessorTests {
  private struct Used: Equatable {
    let instructions: String?
    let gemm: String?
  }

  private func used(_ variables: String) throws -> (used: Used, openBLAS: String?, backends: [String]) {
    let result = try Program(["info", "--processor", "--json"], after: "export \(variables)").wait()
    #expect(result.status == 0, "\(result.errors)")
    let json = try CalibrationFolder.object(result.output.utf8)
    return (
      Used(instructions: json["instructions"] as? String, gemm: json["gemm"] as? String), json["openblas"] as? String,
      json["available_gemm"] as? [String] ?? []
    )
  }

  @Test func portableKernelsHaveOpenBLASBesideThem() throws {
    let (used, openBLAS, backends) = try used("M2FP_INSTRUCTIONS=portable M2FP_GEMM=")
    #expect(backends.first == "own")
    #expect(used == Used(instructions: "portable", gemm: backends.last))
    #expect(openBLAS?.hasPrefix("OpenBLAS") == true)
  }

  @Test(arguments: ["own", "openblas"]) func theEnvironmentChooses(gemm: String) throws {
    let (used, _, backends) = try used("M2FP_INSTRUCTIONS=portable M2FP_GEMM=\(gemm)")
    #expect(used.gemm == (backends.contains(gemm) ? gemm : "own"))
  }

  @Test func theProcessorIsDescribedForPeople() throws {
    let text = try Program.run("info", "--processor").output
    for row in ["processor", "vector instructions", "matrix products", "int8 products", "OpenBLAS"] {
      #expect(text.contains(row), "\(text)")
    }
  }

  @Test(arguments: [["info"], ["info", "--processor", "file.safetensors"]])
  func oneThingIsDescribed(arguments: [String]) throws {
    let result = try Program(arguments).wait()
    #expect(result.status == 64)
    #expect(result.errors.contains("expected a weights file, or --processor"))
  }
}
