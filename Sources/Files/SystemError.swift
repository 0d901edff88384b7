import Glibc

/// An `errno` with the system's own words for it.
package struct SystemError: Error, Equatable, CustomStringConvertible {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  /// In lower case, fit for the middle of a sentence: "no space left on device".
  package var description: String {
    var text = [CChar](repeating: 0, count: 256)
    let words = text.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else { return "error \(number)" }
      return String(cString: base)
    }
    return words.prefix(1).lowercased() + words.dropFirst()
  }
}

/// Writes all bytes to a descriptor, however many calls it takes.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if count >= 0 { rest = rest.dropFirst(count) } else if errno != EINTR { throw SystemError(errno) }
  }
}
