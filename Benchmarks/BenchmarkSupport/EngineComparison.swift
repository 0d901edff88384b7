import Foundation

/// Time and memory of one engine for a forward pass.
package struct EngineMeasurement: Codable, Equatable {
  package let engine: String
  /// Median and minimum over the passes.
  package let forwardSeconds: Double
  package let bestSeconds: Double
  /// Peak resident memory of the process, MiB.
  package let peakMebibytes: Double

  package init(engine: String, forwardSeconds: Double, bestSeconds: Double, peakMebibytes: Double) {
    self.engine = engine
    self.forwardSeconds = forwardSeconds
    self.bestSeconds = bestSeconds
    self.peakMebibytes = peakMebibytes
  }

  /// Ratios to another engine: below 1 this one is faster, or needs less memory.
  package func over(_ other: EngineMeasurement) -> (time: Double, memory: Double) {
    (forwardSeconds / other.forwardSeconds, peakMebibytes / other.peakMebibytes)
  }

  /// The faster of two measurements of the same engine.
  fileprivate func orFaster(_ other: EngineMeasurement?) -> EngineMeasurement {
    guard let other, other.forwardSeconds <= forwardSeconds else { return self }
    return other
  }

  /// A line such as `{"engine": "pytorch", "forward_s": 1.2, "best_s": 1.1, "peak_mb": 900}`; `nil` for other text.
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

/// An engine that failed.
package struct EngineFailure: Codable {
  package let engine: String
  package let message: String
}

/// Result of `bench peers`: this package and other engines on the same weights.
package struct EngineComparison: Encodable {
  package let size: InputSize
  package let threads: Int
  /// Fastest measurement of this package on fp32 weights, on int8 weights, and of each other engine.
  package private(set) var ours: EngineMeasurement?
  package private(set) var quantized: EngineMeasurement?
  package private(set) var peers: [EngineMeasurement] = []
  package private(set) var failures: [EngineFailure] = []

  package init(size: InputSize, threads: Int) {
    self.size = size
    self.threads = threads
  }

  package mutating func add(ours line: EngineMeasurement) { ours = line.orFaster(ours) }
  package mutating func add(quantized line: EngineMeasurement) { quantized = line.orFaster(quantized) }

  package mutating func add(peer line: EngineMeasurement) {
    guard let index = peers.firstIndex(where: { $0.engine == line.engine }) else { return peers.append(line) }
    peers[index] = line.orFaster(peers[index])
  }

  package mutating func fail(_ engine: String, _ message: String) {
    failures.append(EngineFailure(engine: engine, message: message))
  }

  package var text: String {
    var table = TextTable(
      "engine", "forward, s", "best, s", "peak, MiB", "time, fp32/theirs", "memory, fp32/theirs", "time, int8/theirs",
      "memory, int8/theirs")
    func add(_ line: EngineMeasurement?, ours: EngineMeasurement?, quantized: EngineMeasurement?) {
      guard let line else { return }
      let ratios = [ours?.over(line), quantized?.over(line)]
      let figures = [line.forwardSeconds.text(3), line.bestSeconds.text(3), line.peakMebibytes.text(0)]
      table.add(
        cells: [line.engine] + figures + ratios.flatMap { [$0?.time.text(2) ?? "", $0?.memory.text(2) ?? ""] })
    }
    add(ours, ours: nil, quantized: quantized)
    add(quantized, ours: nil, quantized: nil)
    for peer in peers { add(peer, ours: ours, quantized: quantized) }
    let lines = ["input \(size), \(threads) threads, each engine in a process of its own", table.text]
    return (lines + failures.map { "\($0.engine): \($0.message)" }).joined(separator: "\n")
  }
}
