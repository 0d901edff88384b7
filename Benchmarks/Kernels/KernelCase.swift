import BenchmarkSupport
import Platform
import TensorCore
import TensorKernels

/// A kernel at one of the network's shapes.
struct KernelCase {
  let name: String
  /// Nil where multiply-adds say nothing, as of encoders.
  let work: Work?
  /// Of what the products are.
  let numbers: Numbers
  let body: () -> Void
  let timer = ThreadTimer()

  enum Numbers { case floats, bytes }

  init(_ name: String, _ work: Work? = nil, _ numbers: Numbers = .floats, _ body: @escaping () -> Void) {
    self.name = name
    self.work = work
    self.numbers = numbers
    self.body = { [timer] in timer.time(body) }
  }
}

/// Keeps the least time of the processor that the calling thread has spent on one run: on a machine that others use,
/// that is near to what the run would take alone.
final class ThreadTimer {
  private(set) var leastSeconds = Double.infinity

  func time(_ body: () -> Void) {
    let start = Processor.threadSeconds
    body()
    leastSeconds = min(leastSeconds, Processor.threadSeconds - start)
  }
}

/// What kernels run on here, and the numbers that they are given.
struct Bed {
  let context: ExecutionContext
  let backend: KernelBackend

  init(threads: Int, backend: KernelBackend) {
    context = ExecutionContext(arena: Arena(), pool: .shared(threads: threads), backend: backend)
    self.backend = backend
  }

  /// Numbers around zero in no particular order, the same in every run.
  func numbers(_ count: Int, scale: Float = 1) -> Constant<Float> {
    Constant(count: count) { values in
      var state: UInt32 = 1
      for index in values.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        values[index] = Float(Int32(bitPattern: state)) * 0x1p-31 * scale
      }
    }
  }

  func matrix(_ rows: Int, _ columns: Int) -> Lent { Lent(numbers(rows * columns), rows, 1, columns) }
  func map(_ height: Int, _ width: Int, _ channels: Int) -> Lent {
    Lent(numbers(height * width * channels), height, width, channels)
  }

  /// The same bits understood as bytes.
  func bytes(_ height: Int, _ width: Int, _ channels: Int) -> Lent {
    Lent(numbers((height * width * channels + 3) / 4), height, width, channels)
  }

  /// All integers from -127 to 127, with scales that keep results near 1.
  func quantizedWeight(outputs: Int, depth: Int) -> QuantizedWeight {
    let values = numbers(outputs * depth, scale: 127)
    return QuantizedWeight(
      values: Constant(count: values.count) { integers in
        values.withElements { for index in integers.indices { integers[index] = Int8($0[index]) } }
      },
      scales: Constant(count: outputs) { $0.update(repeating: 1e-3) }, bias: numbers(outputs), input: Self.quantization)
  }

  /// Of bytes that follow a ReLU.
  static let quantization = QuantizationParameters(scale: 0.02, zeroPoint: 0)
}

/// Memory that a kernel reads or writes, kept alive by whoever holds this.
struct Lent {
  private let storage: Constant<Float>
  private let height: Int
  private let width: Int
  private let channels: Int

  init(_ storage: Constant<Float>, _ height: Int, _ width: Int, _ channels: Int) {
    (self.storage, self.height, self.width, self.channels) = (storage, height, width, channels)
  }

  var map: FeatureMap<Float> {
    FeatureMap(UnsafeMutablePointer(mutating: storage.pointer), height: height, width: width, channels: channels)
  }
  var matrix: Matrix { map.tokens }
  /// Where the memory holds bytes.
  var bytes: FeatureMap<UInt8> {
    FeatureMap(
      UnsafeMutableRawPointer(mutating: storage.pointer).assumingMemoryBound(to: UInt8.self), height: height,
      width: width, channels: channels, quantization: Bed.quantization)
  }
}
