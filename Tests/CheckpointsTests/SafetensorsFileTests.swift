import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct SafetensorsFileTests {
  /// A file with this header and this many bytes behind it.
  static func file(_ header: String, dataCount: Int = 0, length: UInt64? = nil) -> FileBytes {
    file(Array(header.utf8), dataCount: dataCount, length: length)
  }

  static func file(_ header: [UInt8], dataCount: Int = 0, length: UInt64? = nil) -> FileBytes {
    let start = littleEndianBytes(length ?? UInt64(header.count)) + header
    return FileBytes(start + (0..<dataCount).map { UInt8($0 & 255) }, name: "test.safetensors")
  }

  @Test(arguments: [true, false])
  func readsWhatTheFormatsOwnLibraryWrote(memoryMapped: Bool) throws {
    let file = try SafetensorsFile(path: fixture("plain.safetensors"), memoryMapped: memoryMapped)
    #expect(file.metadata == ["format": "pt", "note": "line\nbreak, \"quotes\", é, \u{1}, 𝄞"])
    #expect(file.tensors.count == 24)
    #expect(Set(file.tensors.map(\.elementType)).count == 10)
    let tensor = try #require(file[name: "int32"])
    #expect(tensor.shape == [5])
    #expect(tensor.byteCount == 20)
    #expect(try tensor.bytes() == [-2, -1, 0, 1, 2].flatMap { littleEndianBytes(Int32($0)) })
    #expect(try file[name: "scalar"]?.floats() == [3.5])
    #expect(try file[name: "empty"]?.floats() == [])
    #expect(file[name: "empty"]?.shape == [0, 4])
    #expect(file[name: "name \"with\" \\ é 人"]?.shape == [1])
    #expect(file[name: "absent"] == nil)
  }
  private static let headers: [(String, Int, [String])] = [
    ("{}", 0, []),
    ("{}   ", 0, []),
    (#"{"__metadata__":{}}"#, 0, []),
    (#" {"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#.trimmingCharacters(in: .whitespaces), 2, ["b"]),
    (
      #"{ "b" : { "shape" : [ 1 , 2 ] ,\#n "data_offsets":[1,3], "dtype":"U8"}, "a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}"#,
      3, ["a", "b"]
    ),
    (#"{"\u0061\ud834\udd1e\/":{"dtype":"BOOL","shape":[0],"data_offsets":[0,0]}}"#, 0, ["a𝄞/"]),
    (
      #"{"a":{"dtype":"F16","shape":[0,9],"data_offsets":[2,2]},"b":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#,
      2, ["b", "a"]
    ),
  ]

  @Test(arguments: headers)
  func readsEveryFormOfHeader(header: String, dataCount: Int, names: [String]) throws {
    let file = try SafetensorsFile(Self.file(header, dataCount: dataCount))
    #expect(file.tensors.map(\.name) == names)
  }
  private static let refusals: [(String, String)] = [
    // Not the JSON of the format.
    ("", "expected an object"), ("[]", "expected an object"), (" {}", "expected an object"), ("{", "expected \""),
    ("{}{}", "unexpected text"), ("{\"a\":1}", "expected {"), ("{\"a\":null}", "expected {"),
    ("{\"a\":{}}", "lacks one of"), ("{\"a\":{},}", "lacks one of"), ("{'a':{}}", "expected \""),
    ("{\"a", "does not end"), ("{\"a\\", "unknown escape"), ("{\"\\x\":{}}", "unknown escape"),
    ("{\"\\u12\":{}}", "hexadecimal"), ("{\"\\ud834\":{}}", "surrogate"), ("{\"\\ud834\\u0041\":{}}", "surrogate"),
    ("{\"\\udd1e\":{}}", "surrogate"), ("{\"a\u{1}\":{}}", "control character"),
    ("{\"__metadata__\":{\"a\":1}}", "expected \""), ("{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", "expected \""),
    // Names and fields given twice, or unknown.
    (
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
      "\"a\" is given twice"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
      "\"a\" is given twice"
    ),
    (#"{"__metadata__":{},"__metadata__":{}}"#, "\"__metadata__\" is given twice"),
    (#"{"__metadata__":{"a":"","a":""}}"#, "metadata \"a\" is given twice"),
    (#"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, "\"dtype\" twice"),
    (#"{"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}}"#, "\"shape\" twice"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"strides":[1]}}"#, "unknown field \"strides\""),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, "1 data_offsets"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}"#, "3 data_offsets"),
    // Numbers.
    (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, "integer that is not negative"),
    (#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, "expected ]"),
    (#"{"a":{"dtype":"U8","shape":[1e9],"data_offsets":[0,1]}}"#, "expected ]"),
    (#"{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}"#, "integer that is not negative"),
    (#"{"a":{"dtype":"U8","shape":[],"data_offsets":[0,18446744073709551617]}}"#, "beyond 64 bits"),
    (#"{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}}"#, "beyond 64 bits"),
    (#"{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}"#, "integer that is not negative"),
    // Sizes and places.
    (#"{"a":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,1]}}"#, "larger than any memory"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,1]}}"#, "larger than any memory"),
    (#"{"a":{"dtype":"F32","shape":[4611686018427387904,0],"data_offsets":[0,1]}}"#, "larger than any memory"),
    (#"{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,1]}}"#, "2 bytes, in a place of 1"),
    (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}}"#, "2 bytes, in a place of 1"),
    (#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,1]}}"#, "0 bytes, in a place of 1"),
    (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, "its tensors take 2"),
    (#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, "its tensors take 0"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, "ends at byte 0"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}"#, "ends at byte 0"),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,9223372036854775807]}}"#,
      "its tensors take 9223372036854775807"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
      "ends at byte 1"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#,
      "ends at byte 0"
    ),
    ("{}", "has 1 bytes behind its header, where its tensors take 0"),
  ]

  @Test(arguments: refusals)
  func refusesHeaders(header: String, text: String) {
    // One byte follows where the text of the error does not matter.
    expectRefused(.malformed, text) { _ = try SafetensorsFile(Self.file(header, dataCount: 1)) }
  }

  @Test func refusesTypesThatAreNotKnown() {
    for type in ["F8_E4M3", "f32", "", "float32"] {
      let header = #"{"a":{"dtype":"\#(type)","shape":[1],"data_offsets":[0,1]}}"#
      expectRefused(.unsupported, "of type \"\(type)\"") {
        _ = try SafetensorsFile(Self.file(header, dataCount: 1))
      }
    }
  }

  @Test func refusesTensorsOfTooManyAxes() {
    let shape = [String](repeating: "1", count: 65).joined(separator: ",")
    let header = #"{"a":{"dtype":"U8","shape":[\#(shape)],"data_offsets":[0,1]}}"#
    expectRefused(.malformed, "65 axes") { _ = try SafetensorsFile(Self.file(header, dataCount: 1)) }
  }

  @Test func refusesHeadersThatAreNotThere() {
    for count in 0..<8 {
      let bytes = [UInt8](repeating: 0, count: count)
      expectRefused(.malformed, "it has \(count) bytes") { _ = try SafetensorsFile(FileBytes(bytes, name: "test")) }
    }
    for length in [3, 100_000_000] as [UInt64] {
      expectRefused(.malformed, "a header of \(length) bytes in a file of 10 bytes") {
        _ = try SafetensorsFile(Self.file("{}", length: length))
      }
    }
    for length in [100_000_001, 1 << 62, 1 << 63, .max] as [UInt64] {
      expectRefused(.tooLarge, "over the limit of 100000000") {
        _ = try SafetensorsFile(Self.file("{}", length: length))
      }
    }
    expectRefused(.malformed, "is not UTF-8") {
      _ = try SafetensorsFile(Self.file([UInt8(ascii: "{"), UInt8(ascii: "\""), 0xc3, 0x28, UInt8(ascii: "\"")]))
    }
    expectRefused(.malformed, "expected \"") { _ = try SafetensorsFile(Self.file([UInt8(ascii: "{"), 0xff])) }
  }

  @Test func refusesEveryTruncation() throws {
    let bytes = try fixtureBytes("plain.safetensors")
    for count in 0..<bytes.count {
      #expect(throws: CheckpointError.self) {
        _ = try SafetensorsFile(FileBytes(Array(bytes.prefix(count)), name: "test"))
      }
    }
  }

  /// Averages of weights are kept in double precision.
  @Test func float64IsRounded() throws {
    let tensor = try #require(try SafetensorsFile(path: fixture("plain.safetensors"))[name: "float64"])
    let exact = try tensor.withBytes { bytes in
      (0..<tensor.count).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
    #expect(!exact.isEmpty)
    #expect(try tensor.floats() == exact.map { Float($0) })
  }

  @Test func floatsAreRefusedForOtherTypesAndCounts() throws {
    let file = try SafetensorsFile(path: fixture("plain.safetensors"))
    for name in ["int64", "int32", "uint8", "bool"] {
      expectRefused(.mismatch, "where F64, F32, F16 or BF16 is expected") { _ = try file[name: name]?.floats() }
    }
    var floats = [Float](repeating: 0, count: 29)
    expectRefused(.mismatch, "has shape [2, 3, 5], 30 elements, where 29 are expected") {
      try floats.withUnsafeMutableBufferPointer { try file[name: "float32"]?.copyFloats(into: $0) }
    }
  }
}
