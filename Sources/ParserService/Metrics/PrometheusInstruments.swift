import CoreMetrics
import NIOConcurrencyHelpers
import Synchronization

/// A number that only grows.
final class PrometheusCounter: CounterHandler, Sendable {
  private let count = Atomic<Int64>(0)

  var value: Int64 { count.load(ordering: .relaxed) }
  func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
  func reset() { count.store(0, ordering: .relaxed) }
}

/// A number that is what it is now.
final class PrometheusGauge: MeterHandler, RecorderHandler, Sendable {
  private let current = NIOLockedValueBox(0.0)

  var value: Double { current.withLockedValue { $0 } }
  func set(_ value: Int64) { set(Double(value)) }
  func set(_ value: Double) { current.withLockedValue { $0 = value } }
  func increment(by amount: Double) { current.withLockedValue { $0 += amount } }
  func decrement(by amount: Double) { current.withLockedValue { $0 -= amount } }
  func record(_ value: Int64) { set(value) }
  func record(_ value: Double) { set(value) }
}

/// How many values lie in each of several ranges, and their sum.
final class PrometheusHistogram: TimerHandler, RecorderHandler, Sendable {
  private let bounds: [Double]
  private let state: NIOLockedValueBox<(counts: [Int], sum: Double)>

  init(bounds: [Double]) {
    self.bounds = bounds
    state = NIOLockedValueBox((Array(repeating: 0, count: bounds.count + 1), 0))
  }

  /// The numbers of values in each range, the last one beyond all bounds, and the sum of all values.
  var snapshot: (counts: [Int], sum: Double) { state.withLockedValue { $0 } }

  func record(_ value: Double) {
    let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
    state.withLockedValue { state in
      state.counts[bucket] += 1
      state.sum += value
    }
  }

  func record(_ value: Int64) { record(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { record(Double(duration) * 1e-9) }
}
