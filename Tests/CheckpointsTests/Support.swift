import Checkpoints
import Foundation
import TestSupport
import Testing

/// The path of a file that PyTorch or safetensors wrote (`Fixtures/make_fixtures.py`).
func fixture(_ name: String) throws -> String {
  try #require(Bundle.module.resourceURL).appending(path: "Fixtures/\(name)").path(percentEncoded: false)
}

func fixtureBytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: fixture(name)))) }

/// Calls `body` with the path of a new folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = try TemporaryFolder()
  return try withExtendedLifetime(folder) { try body(folder.path) }
}

/// Expects a `CheckpointError` of that code, whose message has `text` in it.
func expectRefused(
  _ code: CheckpointError.Code, _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  do {
    try body()
    Issue.record("not refused, but expected \(code): \(text)", sourceLocation: sourceLocation)
  } catch let error as CheckpointError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    #expect(error.message.contains(text), sourceLocation: sourceLocation)
  } catch {
    Issue.record(error, sourceLocation: sourceLocation)
  }
}

extension CheckpointTensor {
  func bytes() throws -> [UInt8] { try withBytes { Array($0) } }
}
