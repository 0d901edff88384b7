import CoreMetrics
import Platform
import Synchronization

/// Counter: a number that only increases.
final class PrometheusCounter: CounterHandler, Sendable {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }
  func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .relaxed) }
  /// Takes over a count that is kept elsewhere.
  func set(_ value: Int) { count.store(Int64(value), ordering: .relaxed) }
}

/// Gauge: a current value.
final class PrometheusGauge: MeterHandler, RecorderHandler, Sendable {
  private let current = Locked(0.0)

  var value: Double { current.withLock { $0 } }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { current.withLock { $0 = value } }
  func increment(by amount: Double) { current.withLock { $0 += amount } }
  func decrement(by amount: Double) { current.withLock { $0 -= amount } }
  func record(_ value: Int64) { set(value) }
  func record(_ value: Double) { set(value) }
}

/// Histogram: the number of values in each of several ranges, and their sum.
final class PrometheusHistogram: TimerHandler, RecorderHandler, Sendable {
  private let bounds: [Double]
  private let state: Locked<(counts: [Int], sum: Double)>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Locked((Array(repeating: 0, count: bounds.count + 1), 0))
  }

  /// The number of values in each range, the last one above all bounds, and the sum of all values.
  var snapshot: (counts: [Int], sum: Double) { state.withLock { $0 } }

  func record(_ value: Double) {
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }

  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }
}
