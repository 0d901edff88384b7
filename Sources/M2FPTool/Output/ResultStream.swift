import Foundation
import Platform

/// Results on standard output: the bytes of a single file, or an archive of several in the form of `tar` (POSIX.1-1988,
/// with GNU's entry for long names).
struct ResultStream {
  let isArchive: Bool

  /// Throws where bytes that are no text would be drawn on a terminal.
  func checkNoTerminal() throws(Failure) {
    if Terminal.isStandardOutput {
      throw Failure(.usage, "-o -: expected a file or a pipe at standard output, found a terminal")
    }
  }

  func write(_ file: Data, name: String) throws(Failure) {
    guard isArchive else { return try write(file) }
    let path = PathText.bytes(name)
    if path.count > Self.nameBytes {
      let long = Data(path + [0])
      try write(header(name: Array("././@LongLink".utf8), byteCount: long.count, kind: "L") + padded(long))
    }
    try write(header(name: path, byteCount: file.count, kind: "0") + padded(file))
  }

  /// Ends an archive with two empty blocks.
  func finish() throws(Failure) {
    if isArchive { try write(Data(count: 2 * Self.blockBytes)) }
  }

  private static let blockBytes = 512
  private static let nameBytes = 100

  private func padded(_ bytes: Data) -> Data {
    bytes + Data(count: (Self.blockBytes - bytes.count % Self.blockBytes) % Self.blockBytes)
  }

  private func header(name: [UInt8], byteCount: Int, kind: Unicode.Scalar) -> Data {
    func octal(_ value: Int, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(digits - text.count, 0)) + text).utf8)
    }
    var block = [UInt8](repeating: 0, count: Self.blockBytes)
    func put(_ bytes: some Collection<UInt8>, at place: Int) {
      block.replaceSubrange(place..<place + bytes.count, with: bytes)
    }
    put(name.prefix(Self.nameBytes), at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(byteCount, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    // The checksum is that of a header with spaces in its place.
    put(Array(repeating: UInt8(ascii: " "), count: 8), at: 148)
    put(Array(String(kind).utf8), at: 156)
    put(Array("ustar\0".utf8) + Array("00".utf8), at: 257)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + [0], at: 148)
    return Data(block)
  }

  private func write(_ bytes: Data) throws(Failure) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(SystemError) in try OutputFile.standardOutput.write(bytes) }
    }
    do { try result.get() } catch { throw Failure(.inputOutput, "standard output: \(error)") }
  }
}
