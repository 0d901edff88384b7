package import CoreMetrics
import Platform

/// Backend of swift-metrics that keeps counters, gauges and histograms in memory and renders them in Prometheus' text
/// format 0.0.4.
///
/// Timers and aggregating recorders are histograms with fixed bounds, timers in seconds.
package final class PrometheusRegistry: MetricsFactory, Sendable {
  private struct Series: Hashable {
    let label: String
    let dimensions: [String]

    init(_ label: String, _ dimensions: [(String, String)]) {
      self.label = label
      self.dimensions = dimensions.map { "\($0)=\"\(Self.escaped($1))\"" }
    }

    private static func escaped(_ value: String) -> String {
      value.reduce(into: "") { text, character in
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.append(character)
        }
      }
    }

    func name(_ suffix: String = "", also dimension: String? = nil) -> String {
      let all = dimensions + [dimension].compactMap { $0 }
      return label + suffix + (all.isEmpty ? "" : "{\(all.joined(separator: ","))}")
    }
  }

  private struct State {
    var counters: [Series: PrometheusCounter] = [:]
    var gauges: [Series: PrometheusGauge] = [:]
    var histograms: [Series: PrometheusHistogram] = [:]
  }

  private let state = Locked(State())
  private let bounds: [Double]

  /// - Parameter bounds: Upper bounds of the histograms' buckets, ascending.
  package init(bounds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]) {
    self.bounds = bounds
  }

  // MARK: Factory

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    instrument(\.counters, label, dimensions) { PrometheusCounter() }
  }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate
      ? instrument(\.histograms, label, dimensions) { PrometheusHistogram(bounds: bounds) }
      : instrument(\.gauges, label, dimensions) { PrometheusGauge() } as any RecorderHandler
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    instrument(\.gauges, label, dimensions) { PrometheusGauge() }
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    instrument(\.histograms, label, dimensions) { PrometheusHistogram(bounds: bounds) }
  }

  // Instruments live as long as the registry, so that a counter that is created again keeps its value.
  package func destroyCounter(_ handler: any CounterHandler) {}
  package func destroyRecorder(_ handler: any RecorderHandler) {}
  package func destroyMeter(_ handler: any MeterHandler) {}
  package func destroyTimer(_ handler: any TimerHandler) {}

  /// Sets a counter whose count is kept elsewhere, in one step, so that nobody who reads meanwhile finds it reset.
  package func setCounter(_ label: String, to value: Int) {
    instrument(\.counters, label, []) { PrometheusCounter() }.set(value)
  }

  private func instrument<Handler: Sendable>(
    _ place: any WritableKeyPath<State, [Series: Handler]> & Sendable, _ label: String,
    _ dimensions: [(String, String)],
    _ make: () -> Handler
  ) -> Handler {
    let series = Series(label, dimensions)
    return state.withLock { state in
      if let handler = state[keyPath: place][series] { return handler }
      let handler = make()
      state[keyPath: place][series] = handler
      return handler
    }
  }

  // MARK: Text

  /// All instruments in Prometheus' text format, sorted by name.
  package var text: String {
    let state = state.withLock { $0 }
    var groups: [String: [String]] = [:]
    func add(_ series: Series, _ type: String, _ lines: [String]) {
      groups[series.label, default: ["# TYPE \(series.label) \(type)"]] += lines
    }
    for (series, counter) in sorted(state.counters) { add(series, "counter", ["\(series.name()) \(counter.value)"]) }
    for (series, gauge) in sorted(state.gauges) { add(series, "gauge", ["\(series.name()) \(gauge.value.shortest)"]) }
    for (series, histogram) in sorted(state.histograms) {
      let (counts, sum) = histogram.snapshot
      var total = 0
      var lines = zip(bounds.map(\.shortest) + ["+Inf"], counts).map { bound, count in
        total += count
        return "\(series.name("_bucket", also: "le=\"\(bound)\"")) \(total)"
      }
      lines += ["\(series.name("_sum")) \(sum.shortest)", "\(series.name("_count")) \(total)"]
      add(series, "histogram", lines)
    }
    return groups.sorted { $0.key < $1.key }.flatMap(\.value).joined(separator: "\n") + "\n"
  }

  private func sorted<Handler>(_ instruments: [Series: Handler]) -> [(Series, Handler)] {
    instruments.sorted { $0.key.name() < $1.key.name() }.map { ($0.key, $0.value) }
  }
}

extension Double {
  /// Decimal text; integers without a fraction.
  fileprivate var shortest: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
