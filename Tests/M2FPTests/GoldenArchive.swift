import Foundation

/// The tensors of one of the goldens' safetensors files.
struct GoldenArchive {
  private let data: Data
  private let header: [String: Any]

  init(_ golden: String, _ file: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(components: "Goldens", golden, file)
    let all = try Data(contentsOf: url)
    let length = all.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    header = try JSONSerialization.jsonObject(with: all[8..<8 + length]) as? [String: Any] ?? [:]
    data = all.dropFirst(8 + length)
  }

  func bytes(_ name: String) throws -> (shape: [Int], bytes: Data) {
    struct Missing: Error { let name: String }
    guard let entry = header[name] as? [String: Any], let shape = entry["shape"] as? [Int],
      let offsets = entry["data_offsets"] as? [Int]
    else { throw Missing(name: name) }
    return (shape, data[data.startIndex + offsets[0]..<data.startIndex + offsets[1]])
  }

  func floats(_ name: String) throws -> (shape: [Int], values: [Float]) {
    let (shape, bytes) = try bytes(name)
    let values = stride(from: 0, to: bytes.count, by: 4).map { offset in
      Float(
        bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[bytes.startIndex + offset + $1]) << UInt32(8 * $1) })
    }
    return (shape, values)
  }
}
