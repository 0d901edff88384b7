import Foundation

/// What this process has resident, as Linux counts it.
package enum ProcessMemory {
  /// The most bytes resident at one time since the start, or since `resetPeak`.
  package static var peak: Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = Int(line.filter(\.isNumber))
    else { return 0 }
    return kibibytes * 1024
  }

  /// Makes `peak` begin anew; where the system does not let us, it stays the whole run's.
  package static func resetPeak() {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .ascii)
  }
}
