import Foundation

/// The entry that libFuzzer calls with each input. The environment variable `M2FP_FUZZ` names the target; each program has
/// several, in `targets`.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  chosen(bytes)
  return 0
}

private let chosen: @Sendable ([UInt8]) -> Void = {
  let name = ProcessInfo.processInfo.environment["M2FP_FUZZ"] ?? ""
  guard let target = targets[name] else {
    fatalError("M2FP_FUZZ: expected one of \(targets.keys.sorted()), found \(name)")
  }
  return target
}()

/// Ends the program, which libFuzzer reports with the input, if what must hold does not.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}
