import Foundation
import TestSupport
import Testing

/// What the tests of `m2fp quantize` and `m2fp prune` start from: a folder with `floats.safetensors`, a small network, and six
/// pictures in `in`.
enum CalibrationFolder {
  static func make() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let checkpoint = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Goldens/variant-r18-fpn/pytorch_model.pt").standardizedFileURL.path
    let converted = try Program.run("convert", checkpoint, "-o", folder / "floats.safetensors")
    #expect(converted.status == 0, "\(converted.errors)")
    for seed in 1...6 { try folder.write("in/\(seed).png", try Pictures.png(seed: seed)) }
    return folder
  }

  /// The object that a JSON text holds.
  static func object(_ text: some Sequence<UInt8>) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
  }
}
