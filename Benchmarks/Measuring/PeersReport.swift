import Foundation

/// What one engine needs for a forward pass.
package struct EngineLine: Codable, Equatable {
  package let engine: String
  /// Median and least.
  package let forwardSeconds: Double
  package let bestSeconds: Double
  /// The most memory resident at any time of the process, MiB.
  package let peakMebibytes: Double

  package init(engine: String, forwardSeconds: Double, bestSeconds: Double, peakMebibytes: Double) {
    self.engine = engine
    self.forwardSeconds = forwardSeconds
    self.bestSeconds = bestSeconds
    self.peakMebibytes = peakMebibytes
  }

  /// A line such as `{"engine": "pytorch", "forward_s": 1.2, "best_s": 1.1, "peak_mb": 900}`; nil if it is none.
  package init?(json: String) {
    struct Line: Decodable {
      let engine: String
      let forward: Double
      let best: Double
      let peak: Double
      enum CodingKeys: String, CodingKey {
        case engine
        case forward = "forward_s"
        case best = "best_s"
        case peak = "peak_mb"
      }
    }
    guard let line = try? JSONDecoder().decode(Line.self, from: Data(json.utf8)) else { return nil }
    self.init(
      engine: line.engine, forwardSeconds: line.forward, bestSeconds: line.best, peakMebibytes: line.peak)
  }
}

/// An engine that did not work.
package struct EngineFailure: Codable {
  package let engine: String
  package let message: String
}

/// What `bench peers` found.
package struct PeersReport: Encodable {
  package let size: InputSize
  package let threads: Int
  /// Each engine's fastest turn.
  package private(set) var ours: EngineLine?
  package private(set) var peers: [EngineLine] = []
  package private(set) var failures: [EngineFailure] = []

  package init(size: InputSize, threads: Int) {
    self.size = size
    self.threads = threads
  }

  package mutating func add(ours line: EngineLine) {
    ours = [ours, line].compactMap(\.self).min { $0.forwardSeconds < $1.forwardSeconds }
  }

  package mutating func add(peer line: EngineLine) {
    guard let index = peers.firstIndex(where: { $0.engine == line.engine }) else { return peers.append(line) }
    if line.forwardSeconds < peers[index].forwardSeconds { peers[index] = line }
  }

  package mutating func fail(_ engine: String, _ message: String) {
    failures.append(EngineFailure(engine: engine, message: message))
  }

  /// Ours over a peer's: below 1 we are faster, or need less memory.
  package func ratios(to peer: EngineLine) -> (time: Double, memory: Double)? {
    ours.map { ($0.forwardSeconds / peer.forwardSeconds, $0.peakMebibytes / peer.peakMebibytes) }
  }

  package var text: String {
    var table = TextTable("engine", "forward, s", "best, s", "peak, MiB", "time, ours/theirs", "memory, ours/theirs")
    for line in [ours].compactMap(\.self) + peers {
      let ratios = line == ours ? nil : ratios(to: line)
      table.add(
        line.engine, line.forwardSeconds.text(3), line.bestSeconds.text(3), line.peakMebibytes.text(0),
        ratios?.time.text(2) ?? "", ratios?.memory.text(2) ?? "")
    }
    let lines = ["input \(size), \(threads) threads, each engine in a process of its own", table.text]
    return (lines + failures.map { "\($0.engine): \($0.message)" }).joined(separator: "\n")
  }
}
