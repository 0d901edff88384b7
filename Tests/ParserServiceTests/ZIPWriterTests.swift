import Foundation
import NIOCore
import ParserService
import Testing

@Suite(.timeLimit(.minutes(10))) struct ZIPWriterTests {
  /// Byte by byte as APPNOTE 6.3.10 has it; `Tests/Service` lets Python read archives.
  @Test func anArchiveOfOneFile() throws {
    var writer = ZIPWriter()
    try writer.add("a", Data("abc".utf8))
    let checksumAndSizes: [UInt8] = [0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0, 3, 0, 0, 0]
    let common: [UInt8] = [20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0] + checksumAndSizes + [1, 0, 0, 0]
    let local: [UInt8] = [0x50, 0x4b, 3, 4] + common + Array("aabc".utf8)
    let central: [UInt8] = [0x50, 0x4b, 1, 2, 20, 0] + common + Array(repeating: 0, count: 14) + Array("a".utf8)
    let end: [UInt8] = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, UInt8(central.count), 0, 0, 0, UInt8(local.count)]
    #expect(Array(buffer: writer.finish()) == local + central + end + [0, 0, 0, 0, 0])
  }
}
