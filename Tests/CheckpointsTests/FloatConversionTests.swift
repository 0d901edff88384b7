import Checkpoints
import Testing

@Suite(.timeLimit(.minutes(10))) struct FloatConversionTests {
  /// All fp16 values, at an odd address.
  @Test func float16ExpandsExactly() throws {
    let halves = (0...UInt16.max).map { $0 }
    for (half, float) in zip(halves, try expand(halves, "F16")) {
      let expected = Float(Float16(bitPattern: half))
      #expect(float.isNaN ? expected.isNaN : float.bitPattern == expected.bitPattern, "\(half)")
    }
  }

  @Test func bfloat16ExpandsExactly() throws {
    let halves = (0...UInt16.max).map { $0 }
    for (half, float) in zip(halves, try expand(halves, "BF16")) {
      #expect(float.bitPattern == UInt32(half) << 16)
    }
  }

  @Test(arguments: [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33])
  func everyCountExpandsAndNarrows(count: Int) throws {
    let floats = (0..<count).map { Float($0) - 4.5 }
    #expect(try expand(floats.map { Float16($0).bitPattern }, "F16") == floats)
    #expect(narrow(floats) == floats.map { Float16($0).bitPattern })
  }

  /// Values around all fp16 values, around the midpoints between them, and around the ends of the range.
  @Test func float16IsRoundedToNearestEven() {
    var floats: [Float] = [
      .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.0, 65519.996,
    ]
    for half in UInt16(0)..<0x7c00 {
      let low = Float(Float16(bitPattern: half))
      let high = half == 0x7bff ? 65536 : Float(Float16(bitPattern: half + 1))
      let middle = (low + high) / 2
      floats += [low, low.nextUp, low.nextDown, middle, middle.nextUp, middle.nextDown, -middle]
    }
    for (half, float) in zip(narrow(floats), floats) where half != Float16(float).bitPattern {
      Issue.record("\(float) became \(half)")
    }
    #expect(narrow([.nan, -.nan, .signalingNaN]).allSatisfy { Float16(bitPattern: $0).isNaN })
  }

  @Test(arguments: [1, 2, 31, 4095, 4096, 4097, 10_000], [Float.nan, -.nan, .infinity, -.infinity, .signalingNaN])
  func theFirstNumberThatIsNotFiniteIsFound(count: Int, special: Float) {
    let largest = (0..<count).map { Float($0).isZero ? .greatestFiniteMagnitude : -.leastNonzeroMagnitude * Float($0) }
    #expect(largest.withUnsafeBufferPointer { $0.firstNonFiniteIndex } == nil)
    for place in Set([0, count / 3, count - 1]) {
      var floats = largest
      floats[place] = special
      floats[count - 1] = special
      #expect(floats.withUnsafeBufferPointer { $0.firstNonFiniteIndex } == place)
    }
    #expect(UnsafeBufferPointer<Float>(start: nil, count: 0).firstNonFiniteIndex == nil)
  }

  private func expand(_ halves: [UInt16], _ type: String) throws -> [Float] {
    let header =
      #"{"o":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"h":{"dtype":"\#(type)","shape":[\#(halves.count)],"#
      + #""data_offsets":[1,\#(1 + 2 * halves.count)]}}"#
    let bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + header.utf8 + [0]
    let data = halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let file = try SafetensorsFile(FileBytes(bytes + data, name: "test"))
    return try #require(file[name: "h"]).floats()
  }

  private func narrow(_ floats: [Float]) -> [UInt16] {
    var halves = [UInt16](repeating: 0, count: floats.count)
    floats.withUnsafeBufferPointer { floats in
      halves.withUnsafeMutableBytes { narrowToFloat16(floats, into: $0) }
    }
    return halves
  }
}
