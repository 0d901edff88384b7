import Foundation
import Platform
import Testing

@Suite(.timeLimit(.minutes(10))) struct ProcessTests {
  @Test func countsProcessorsAndTime() {
    #expect(Processor.count >= 1)
    #expect(!Processor.name.isEmpty)
    let start = Processor.threadSeconds
    var sum = 0.0
    for index in 0..<1_000_000 { sum += Double(index).squareRoot() }
    #expect(sum > 0 && Processor.threadSeconds > start)
  }

  @Test func readsTheEnvironment() {
    #expect(environmentVariable("PATH") == ProcessInfo.processInfo.environment["PATH"])
    #expect(environmentVariable("M2FP_NOT_SET_BY_ANYBODY") == nil)
  }

  #if os(Linux)
    @Test func knowsResidentMemory() {
      #expect(ProcessMemory.resident > 1 << 20)
      #expect(ProcessMemory.peak >= 1 << 20)
    }
  #endif

  @Test func elementaryFunctionsAreCloseToFoundation() {
    for x: Float in [0.001, 0.5, 1, 3.7, 12] {
      #expect(abs(Double(Float.exp(x)) / Foundation.exp(Double(x)) - 1) < 1e-6)
      #expect(abs(Double(Float.exp2(x)) / Foundation.exp2(Double(x)) - 1) < 1e-6)
      #expect(abs(Double(Float.log(x)) - Foundation.log(Double(x))) < 1e-6)
      #expect(abs(Double(Float.sin(x)) - Foundation.sin(Double(x))) < 1e-6)
      #expect(abs(Double(Float.pow(x, 2.4)) / Foundation.pow(Double(x), Double(2.4 as Float)) - 1) < 1e-5)
    }
    #expect(Double.log10(1000) == 3)
  }
}
