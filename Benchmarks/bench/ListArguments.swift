import ArgumentParser
import BenchmarkSupport
import M2FP

// Options that may be repeated and may hold several comma-separated values.

/// Parses sizes such as `640x1152`, or `640` for a frame of 16 : 9 with that short edge.
func sizes(_ argument: String) throws -> [InputSize] {
  try argument.split(separator: ",", omittingEmptySubsequences: false).map { text in
    let divisor = M2FPNetwork.sizeDivisibility
    let lengths = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard (1...2).contains(lengths.count), lengths.allSatisfy({ (1...4096).contains($0) }),
      lengths.count == 1 || lengths.allSatisfy({ $0.isMultiple(of: divisor) })
    else {
      throw ValidationError(
        """
        a size is HEIGHTxWIDTH, both multiples of \(divisor), or the short edge of a 16 : 9 frame, up to 4096; \
        found \(text)
        """)
    }
    return lengths.count == 1
      ? InputSize(shortEdge: lengths[0], divisor: divisor) : InputSize(height: lengths[0], width: lengths[1])
  }
}

/// Parses numbers of threads.
func threadCounts(_ argument: String) throws -> [Int] {
  try argument.split(separator: ",", omittingEmptySubsequences: false).map { text in
    guard let count = Int(text), (1...1024).contains(count) else {
      throw ValidationError("threads are 1 to 1024, found \(text)")
    }
    return count
  }
}
