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

/// An engine, or a step before it, that did not work.
package struct EngineFailure: Codable {
  package let engine: String
  package let message: String

  package init(engine: String, message: String) {
    self.engine = engine
    self.message = message
  }
}

/// What `bench peers` found.
package struct PeersReport: Encodable {
  /// Another engine beside ours.
  package struct Peer: Encodable {
    package let line: EngineLine
    /// Ours over theirs: below 1 we are faster, or need less memory.
    package let timeRatio: Double
    package let memoryRatio: Double
  }

  package let size: InputSize
  package let threads: Int
  package let ours: EngineLine
  package let peers: [Peer]
  package let failures: [EngineFailure]

  package init(size: InputSize, threads: Int, ours: EngineLine, peers: [EngineLine], failures: [EngineFailure]) {
    self.size = size
    self.threads = threads
    self.ours = ours
    self.peers = peers.map { peer in
      Peer(
        line: peer, timeRatio: ours.forwardSeconds / peer.forwardSeconds,
        memoryRatio: ours.peakMebibytes / peer.peakMebibytes)
    }
    self.failures = failures
  }

  package var text: String {
    var table = TextTable("engine", "forward, s", "best, s", "peak, MiB", "time, ours/theirs", "memory, ours/theirs")
    func add(_ line: EngineLine, _ ratios: [String]) {
      table.add(
        cells: [
          line.engine, line.forwardSeconds.text(3), line.bestSeconds.text(3), line.peakMebibytes.text(0),
        ] + ratios)
    }
    add(ours, [])
    for peer in peers { add(peer.line, [peer.timeRatio.text(2), peer.memoryRatio.text(2)]) }
    let lines = ["input \(size), \(threads) threads, each engine in a process of its own", table.text]
    return (lines + failures.map { "\($0.engine): \($0.message)" }).joined(separator: "\n")
  }
}
