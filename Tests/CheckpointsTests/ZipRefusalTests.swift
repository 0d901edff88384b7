import Checkpoints
import TestSupport
import Testing

/// Inconsistent zip archives, each made of a small valid checkpoint.
@Suite(.timeLimit(.minutes(10))) struct ZipRefusalTests {
  private static let pickle = Pickle.dictionary([
    "weight": .tensor(.storage("ByteStorage", count: 4), shape: [4], strides: [1])
  ]).program

  typealias Change = @Sendable (inout Zip.Fields, _ isLocal: Bool) -> Void

  /// The checkpoint with the entry of its storage changed.
  private static func archive(
    change: Change = { _, _ in }, content: [UInt8] = [1, 2, 3, 4], end: @escaping (inout Zip.End) -> Void = { _ in }
  ) -> [UInt8] {
    var zip = Zip(end: end)
    zip.add("test/data.pkl", pickle)
    zip.add("test/data/0", content, change: change)
    return zip.bytes
  }

  private func read(_ bytes: [UInt8]) throws -> [UInt8]? {
    try PyTorchCheckpoint(FileBytes(bytes, name: "test.pt"))[name: "weight"]?.bytes()
  }

  private func deflated(_ content: [UInt8], size: Int = 4, checksum: [UInt8] = [1, 2, 3, 4]) -> [UInt8] {
    Self.archive(
      change: { fields, _ in
        fields.method = 8
        fields.size = size
        fields.checksum = Zip.checksum(checksum)
      }, content: content)
  }

  @Test func readsStoredAndDeflatedEntries() throws {
    #expect(try read(Self.archive()) == [1, 2, 3, 4])
    #expect(try read(Self.archive { fields, _ in fields.isZip64 = true }) == [1, 2, 3, 4])
    #expect(try read(deflated(Zip.deflate([1, 2, 3, 4]))) == [1, 2, 3, 4])
  }
  private static let lies: [(Change, CheckpointError.Code, String)] = [
    ({ $0.method = $1 ? 0 : 12 }, .unsupported, "packed by method 12"),
    ({ if $1 { $0.method = 8 } }, .malformed, "not where, or as, the zip directory says"),
    ({ if $1 { $0.name = "test/data/1" } }, .malformed, "not where, or as"),
    ({ if $1 { $0.size = 5 } }, .malformed, "not where, or as"),
    ({ if $1 { $0.checksum ^= 1 } }, .malformed, "not where, or as"),
    ({ if $1 { $0.flags = 1 << 11 } }, .malformed, "not where, or as"),
    ({ fields, _ in fields.flags = 1 << 3 }, .malformed, "not where, or as"),
    ({ fields, _ in fields.flags = 1 }, .unsupported, "is encrypted"),
    ({ fields, _ in fields.flags = 1 << 13 }, .unsupported, "is encrypted"),
    ({ if !$1 { $0.offset += 1 } }, .malformed, "not where, or as"),
    ({ if !$1 { $0.offset = 0xffff_fff0 } }, .malformed, "not where, or as"),
    ({ if !$1 { $0.offset = 0 } }, .malformed, "not where, or as"),
    (
      { fields, isLocal in
        fields.isZip64 = true
        if !isLocal { fields.offset = .max }
      }, .malformed, "not where, or as"
    ),
    (
      { fields, isLocal in
        fields.isZip64 = true
        if !isLocal { fields.offset = -1 }
      }, .malformed, "damaged at entry 2 of 2"
    ),
    ({ fields, _ in fields.size = 1 << 20 }, .malformed, "two sizes differ"),
    (
      { fields, _ in
        fields.size = 1 << 20
        fields.compressedSize = 1 << 20
      }, .malformed, "not where, or as"
    ),
    // An entry that claims a terabyte, stored or deflated.
    (
      { fields, _ in
        fields.isZip64 = true
        fields.size = 1 << 40
        fields.compressedSize = 1 << 40
      }, .malformed, "not where, or as"
    ),
    (
      { fields, _ in
        fields.isZip64 = true
        fields.method = 8
        fields.size = 1 << 40
      }, .tooLarge, "too few for the 1099511627776 bytes"
    ),
    (
      { fields, _ in
        fields.isZip64 = true
        fields.method = 8
        fields.size = .max
      }, .tooLarge, "too few for"
    ),
    ({ fields, _ in fields.name = "test/data.pkl" }, .malformed, "\"test/data.pkl\" twice"),
    ({ fields, _ in fields.name = "other/data.pkl" }, .unsupported, "2 entries data.pkl"),
    ({ fields, _ in fields.name = "test/constants.pkl" }, .unsupported, "TorchScript"),
    ({ fields, _ in fields.name = "test/code/__torch__.py" }, .unsupported, "TorchScript"),
    ({ fields, _ in fields.name = "test/data/1" }, .malformed, "lacks storage \"0\""),
  ]

  @Test(arguments: lies)
  func refusesEntriesThatLie(change: Change, code: CheckpointError.Code, text: String) {
    expectRefused(code, text) { _ = try read(Self.archive(change: change)) }
  }
  private static let absurdities: [@Sendable (inout Zip.End) -> Void] = [
    { $0.count += 1 }, { $0.count -= 1 }, { $0.count = 0 }, { $0.count = 0xffff }, { $0.size += 1 }, { $0.size -= 1 },
    { $0.size = 0xffff_ffff }, { $0.start += 1 }, { $0.start -= 1 }, { $0.start = 0xffff_ffff },
    { $0.start = 0 }, { $0.comment = [1, 2, 3] },
  ]

  @Test(arguments: absurdities)
  func refusesAbsurdDirectories(change: @escaping @Sendable (inout Zip.End) -> Void) {
    expectRefused(.malformed, "zip") { _ = try read(Self.archive(end: change)) }
  }

  @Test func refusesEntriesThatShareBytes() {
    var zip = Zip()
    zip.add("test/data.pkl", Self.pickle)
    // The content of the first storage is the whole entry of the second.
    var inner = Zip()
    inner.add("test/data/1", [1, 2, 3, 4])
    let content = Array(inner.bytes.prefix(30 + 11 + 4))
    zip.add("test/data/0", content)
    let place = 30 + 13 + Self.pickle.count + 30 + 11
    zip.add("test/data/1", [1, 2, 3, 4]) { fields, isLocal in if !isLocal { fields.offset = place } }
    expectRefused(.malformed, "overlap at byte \(place)") { _ = try read(zip.bytes) }
  }

  @Test func refusesStreamsThatDoNotInflateAsClaimed() {
    let stream = Zip.deflate([1, 2, 3, 4])
    for (content, size) in [
      (stream, 3), (stream, 5), (stream + [0], 4), (stream.dropLast(), 4), ([7], 4), ([], 4), (stream + stream, 8),
    ] as [([UInt8], Int)] {
      var zip = Zip()
      let count = "ByteStorage"
      let tensor = Pickle.tensor(.storage(count, count: size), shape: [size], strides: [1])
      zip.add("test/data.pkl", Pickle.dictionary(["weight": tensor]).program)
      zip.add("test/data/0", content) { fields, _ in
        fields.method = 8
        fields.size = size
      }
      expectRefused(.malformed, "does not inflate to \(size) bytes") { _ = try read(zip.bytes) }
    }
    expectRefused(.malformed, "checksum is wrong") { _ = try read(deflated(stream, checksum: [1])) }
  }

  @Test func refusesArchivesWithoutAPickleAndOtherFiles() {
    var zip = Zip()
    zip.add("test/data/0", [1])
    expectRefused(.unsupported, "0 entries data.pkl") { _ = try read(zip.bytes) }
    zip.add("data.pkl", Self.pickle)
    expectRefused(.unsupported, "0 entries data.pkl") { _ = try read(zip.bytes) }
    expectRefused(.unsupported, "is no PyTorch checkpoint") { _ = try read(Zip().bytes) }
    expectRefused(.unsupported, "is empty") { _ = try read([]) }
    expectRefused(.unsupported, "is no PyTorch checkpoint") { _ = try read(Array("version 1".utf8)) }
    expectRefused(.malformed, "truncated zip") { _ = try read([0x50, 0x4b, 3, 4]) }
  }

  @Test func refusesAPickleOverTheLimit() {
    var zip = Zip()
    zip.add("test/data.pkl", Self.pickle) { fields, _ in
      fields.method = 8
      fields.size = 16 << 20 | 1
    }
    zip.add("test/data/0", [UInt8](repeating: 0, count: 300_000))
    expectRefused(.tooLarge, "a pickle of 16777217 bytes") { _ = try read(zip.bytes) }
  }

  @Test(arguments: ["model.pt", "deflated.pt", "restored_zip64.pt"])
  func refusesEveryTruncation(name: String) throws {
    let bytes = try fixtureBytes(name)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: CheckpointError.self) { _ = try read(Array(bytes.prefix(count))) }
    }
  }
}
