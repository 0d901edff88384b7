@_exported public import KernelTestSupport
package import Testing

/// Expects every value within absolute + relative · |expected| of what it should be, and reports the worst and its
/// place otherwise. NaN is close to NaN, and an infinity to itself.
package func expectClose(
  _ actual: some Collection<Float>, _ expected: some Collection<Float>, shape: [Int] = [], absolute: Float = 1e-5,
  relative: Float = 1e-5, _ context: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let comparison = Comparison(actual, expected, shape: shape, absolute: absolute, relative: relative)
  if !comparison.isClose { Issue.record("\(context()) \(comparison)", sourceLocation: sourceLocation) }
}
