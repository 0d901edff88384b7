import CoreMetrics
import Platform

/// Metrics of the service, with the names that Docs/Service.md lists.
final class ServiceMetrics: Sendable {
  private let registry: PrometheusRegistry
  private let engine: ParsingEngine
  private let connections: ConnectionTable

  init(engine: ParsingEngine, connections: ConnectionTable, registry: PrometheusRegistry = PrometheusRegistry()) {
    self.engine = engine
    self.connections = connections
    self.registry = registry
  }

  /// Counts a completed request.
  func record(path: String, method: String, status: Int, seconds: Double) {
    Counter(
      label: "m2fp_http_requests_total", dimensions: [("path", path), ("method", method), ("status", "\(status)")],
      factory: registry
    ).increment()
    Timer(label: "m2fp_http_request_duration_seconds", dimensions: [("path", path)], factory: registry)
      .recordNanoseconds(Int64(min(seconds, 1e6) * 1e9))
  }

  /// All metrics in Prometheus' text format.
  var text: String {
    let engine = engine.statistics
    for (label, value) in [
      ("m2fp_queue_waiting", engine.waiting), ("m2fp_parses_running", engine.running),
      ("m2fp_cache_answers", engine.cachedAnswers), ("m2fp_cache_bytes", engine.cachedBytes),
      ("m2fp_connections_open", connections.count), ("process_resident_memory_bytes", ProcessMemory.resident),
    ] {
      Meter(label: label, factory: registry).set(value)
    }
    for (label, value) in [
      ("m2fp_cache_hits_total", engine.hits), ("m2fp_cache_evictions_total", engine.evictions),
      ("m2fp_parses_joined_total", engine.joined), ("m2fp_parses_done_total", engine.parsed),
      ("m2fp_parses_failed_total", engine.failed), ("m2fp_parses_abandoned_total", engine.abandoned),
      ("m2fp_parses_refused_total", engine.refused), ("m2fp_parses_timed_out_total", engine.timedOut),
      ("m2fp_connections_refused_total", connections.refused),
    ] {
      registry.setCounter(label, to: value)
    }
    return registry.text
  }
}
