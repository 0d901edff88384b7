import Checkpoints
import Foundation

/// The tensors of one of the goldens' safetensors files.
struct GoldenArchive {
  private let file: SafetensorsFile

  init(_ golden: String, _ file: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(components: "Goldens", golden, file)
    self.file = try SafetensorsFile(path: url.path)
  }

  private struct Missing: Error { let name: String }

  private func tensor(_ name: String) throws -> CheckpointTensor {
    guard let tensor = file[name: name] else { throw Missing(name: name) }
    return tensor
  }

  func bytes(_ name: String) throws -> (shape: [Int], bytes: [UInt8]) {
    let tensor = try tensor(name)
    return (tensor.shape, try tensor.withBytes { Array($0) })
  }

  func floats(_ name: String) throws -> (shape: [Int], values: [Float]) {
    let tensor = try tensor(name)
    return (tensor.shape, try tensor.floats())
  }
}
