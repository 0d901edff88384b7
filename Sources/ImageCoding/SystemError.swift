import Glibc

/// An `errno` with its name in words.
struct SystemError: Error, CustomStringConvertible {
  let number: Int32
  let description: String

  init(_ number: Int32) {
    self.number = number
    var text = [CChar](repeating: 0, count: 256)
    description = text.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else { return "error \(number)" }
      return String(cString: base)
    }
  }
}
