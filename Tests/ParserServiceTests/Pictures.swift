import Foundation
import ImageCoding
import TestSupport

enum Picture {
  /// A small picture, different for each number.
  static func plain(_ number: Int = 0, width: Int = 64, height: Int = 48) throws -> Data {
    let color = (red: UInt8(number & 255), green: UInt8(number >> 8 & 255), blue: UInt8(200))
    return try RGBImage(width: width, height: height, filledWith: color).pngData()
  }

  /// A picture that PNG hardly compresses: 400 kB.
  static func noise(_ seed: Int) throws -> Data {
    var generator = SeededGenerator(seed)
    let pixels = (0..<400 * 300 * 3).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return try RGBImage(width: 400, height: 300, pixels: pixels).pngData()
  }

  /// A photograph of one person.
  static func photograph() throws -> Data { try Data(contentsOf: Sample.photograph("astronaut.png")) }
}

/// Runs `body` for each number below `count` on `threads` threads, and returns the results in order.
func concurrentMap<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Result
) -> [Result] {
  let results = Collected<Result>(count)
  let group = DispatchGroup()
  for thread in 0..<threads {
    // Dispatch has no more threads than there are processors.
    group.enter()
    Thread.detachNewThread {
      for index in stride(from: thread, to: count, by: threads) { results.set(index, body(index)) }
      group.leave()
    }
  }
  group.wait()
  return results.all
}

private final class Collected<Element: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var elements: [Element?]

  init(_ count: Int) { elements = Array(repeating: nil, count: count) }

  func set(_ index: Int, _ element: Element) { lock.withLock { elements[index] = element } }
  var all: [Element] { lock.withLock { elements.compactMap { $0 } } }
}
