import SystemPackage

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#elseif canImport(Bionic)
  import Bionic
#else
  import Glibc
#endif

/// The processor that this process runs on.
package enum Processor {
  /// Processors that this machine has online, at least 1.
  package static var count: Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }

  /// What it calls itself.
  package static var name: String {
    #if canImport(Darwin)
      var size = 0
      guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0 else { return unknownName }
      var text = [UInt8](repeating: 0, count: size)
      guard sysctlbyname("machdep.cpu.brand_string", &text, &size, nil, 0) == 0 else { return unknownName }
      return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    #else
      processFile("/proc/cpuinfo")?.field("model name").map { String($0) } ?? unknownName
    #endif
  }

  private static let unknownName = "an unknown processor"

  /// Seconds of a processor that the calling thread has taken.
  package static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Memory that this process has resident, in bytes; 0 where the system does not say.
package enum ProcessMemory {
  package static var resident: Int {
    let pages = processFile("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return (pages ?? 0) * pageSize
  }

  /// The most at one time since the start, or since `resetPeak`.
  package static var peak: Int {
    #if canImport(Darwin)
      var usage = rusage()
      return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : 0
    #else
      let kibibytes = processFile("/proc/self/status")?.field("VmHWM").flatMap { Int($0.filter(\.isNumber)) }
      return (kibibytes ?? 0) * 1024
    #endif
  }

  /// Makes `peak` begin anew; where the system does not let us, it stays the whole run's.
  package static func resetPeak() {
    guard let descriptor = try? FileDescriptor.open("/proc/self/clear_refs", .writeOnly) else { return }
    defer { try? descriptor.close() }
    _ = try? descriptor.writeAll("5".utf8)
  }
}

/// The text of a file in Linux's `/proc`, whose size nobody knows beforehand; nil where there is none.
private func processFile(_ path: String) -> String? {
  guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
  defer { try? descriptor.close() }
  var text: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 14)
  while true {
    guard let count = try? chunk.withUnsafeMutableBytes({ try descriptor.read(into: $0) }) else { return nil }
    if count == 0 { return String(decoding: text, as: UTF8.self) }
    text += chunk[..<count]
  }
}

extension String {
  /// The value in the first line `name: value`.
  fileprivate func field(_ name: String) -> Substring? {
    guard let line = split(separator: "\n").first(where: { $0.hasPrefix(name) }), let colon = line.firstIndex(of: ":")
    else { return nil }
    return line[line.index(after: colon)...].drop(while: \.isWhitespace)
  }
}
