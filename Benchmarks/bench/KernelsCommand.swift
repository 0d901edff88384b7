import ArgumentParser
import Foundation
import TensorCore
import TensorKernels

struct KernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "kernels", abstract: "Kernels at the network's shapes.")
  @Option var threads = 1

  func run() throws {
    let execution = Execution(arena: Arena(), pool: WorkerPool(threads: threads))
    for (rows, inputs, outputs) in [(15120, 256, 256), (15120, 256, 1024), (15120, 1024, 256), (2880, 256, 1024), (2880, 1024, 256), (46080, 64, 256), (46080, 256, 64)] {
      let linear = Linear(weight: Constant(count: inputs * outputs) { $0.initialize(repeating: 0.01) }, bias: nil, inputs: inputs, outputs: outputs)
      let x = execution.arena.matrix(rows: rows, columns: inputs)
      let y = execution.arena.matrix(rows: rows, columns: outputs)
      fill(x.elements)
      y.elements.update(repeating: 1)
      time("linear \(rows) \(inputs) \(outputs)", 2 * Double(rows * inputs * outputs)) { linear(x.matrix, into: y.matrix, execution) }
    }
    for (h, w, inputs, outputs) in [(40, 72, 256, 256), (80, 144, 128, 128), (160, 288, 64, 64), (320, 576, 64, 128), (160, 288, 256, 256), (20, 36, 512, 512)] {
      let weight = [Float](repeating: 0.01, count: inputs * outputs * 9)
      let convolution = weight.withUnsafeBufferPointer { Convolution(weightOIHW: $0, bias: nil, inputs: inputs, outputs: outputs, kernel: 3, padding: 1) }
      let x = execution.arena.tensor(height: h, width: w, channels: inputs)
      let y = execution.arena.tensor(height: h, width: w, channels: outputs)
      fill(x.elements)
      y.elements.update(repeating: 1)
      time("conv3x3 \(h) \(w) \(inputs) \(outputs)", 18 * Double(h * w * inputs * outputs)) { convolution(x.map, into: y.map, execution) }
    }
  }

  func time(_ name: String, _ flops: Double, _ body: () -> Void) {
    var best = Double.infinity
    let clock = ContinuousClock()
    for _ in 0..<7 { best = min(best, clock.measure(body) / .seconds(1)) }
    print(name, Int(flops / best / 1e9), "GFLOP/s", Int(best * 1e6), "µs")
  }
}
let scale = Float(ProcessInfo.processInfo.environment["SCALE"] ?? "1") ?? 1
func fill(_ e: UnsafeMutableBufferPointer<Float>) {
  var g = SplitMix64(seed: 1)
  for i in e.indices { e[i] = Float.random(in: -2...2, using: &g) * scale }
}
