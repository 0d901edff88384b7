import CoreMetrics
import ParserService
import Testing

@Suite(.timeLimit(.minutes(10))) struct PrometheusTests {
  @Test func theTextIsPrometheus() {
    let registry = PrometheusRegistry(bounds: [0.1, 1])
    for _ in 0..<2 {
      Counter(label: "b_total", dimensions: [("path", "/a\"\\\n")], factory: registry).increment(by: 2)
      Meter(label: "a", factory: registry).set(1.5)
      Timer(label: "c_seconds", dimensions: [("path", "/")], factory: registry).recordNanoseconds(50_000_000)
    }
    Timer(label: "c_seconds", dimensions: [("path", "/")], factory: registry).recordNanoseconds(5_000_000_000)
    #expect(
      registry.text == """
        # TYPE a gauge
        a 1.5
        # TYPE b_total counter
        b_total{path="/a\\"\\\\\\n"} 4
        # TYPE c_seconds histogram
        c_seconds_bucket{path="/",le="0.1"} 2
        c_seconds_bucket{path="/",le="1"} 2
        c_seconds_bucket{path="/",le="+Inf"} 3
        c_seconds_sum{path="/"} 5.1
        c_seconds_count{path="/"} 3

        """)
  }
}
