public import Foundation
public import ImageCoding
import M2FP
import Platform
import TensorCore
import TensorKernels

#if StarterWeights
  import StarterWeights
#endif

/// Finds the people in pictures and the parts of every person: M2FP on the processor.
///
/// A parser holds a network's weights and nothing of the pictures that it has parsed. It may be used from several
/// threads and tasks at once; each pass then has working memory of its own.
///
/// ```swift
/// let parser = try HumanParser()
/// let parsing = try await parser.parse(contentsOf: photo)
/// try parsing.colorMap(palette: .film).write(to: picture)
/// ```
///
/// Every way to parse a picture is there twice: synchronously, for programs that have threads of their own, and
/// asynchronously, on threads of the parser's, so that no thread of Swift's cooperative pool is blocked.
public final class HumanParser: Sendable {
  /// Settings of a parser.
  public struct Options: Sendable {
    /// Precision of the weights; `nil` takes that of the file. It chooses among the starter weights, int8 if `nil`.
    public var precision: Precision?
    /// Number of threads that one parse runs on; `nil` takes every processor that the process may use.
    public var threads: Int?
    /// Whether the weights file is mapped, and then must not change while the parser lives, or is read into memory.
    public var memoryMapped: Bool
    /// Limits of the pictures that are accepted.
    public var imageLimits: ImageLimits
    /// How the masks of people are mended; `labelMap` stays as it is.
    public var mending: PeopleMending
    /// Whether people whom the network sees too small are looked at a second time.
    public var detail: Detail

    /// Options; those that are left out have their defaults.
    public init(
      precision: Precision? = nil, threads: Int? = nil, memoryMapped: Bool = true, imageLimits: ImageLimits = .default,
      mending: PeopleMending = .standard, detail: Detail = .off
    ) {
      self.precision = precision
      self.threads = threads
      self.memoryMapped = memoryMapped
      self.imageLimits = imageLimits
      self.mending = mending
      self.detail = detail
    }
  }

  /// Description of the network: its name, classes and precision.
  public let model: ModelDescription
  /// Options that the parser was made with.
  public let options: Options

  /// The file of the weights.
  package let weights: URL
  let network: M2FPNetwork
  let pool: WorkerPool
  private let preprocessing: Preprocessing
  private let arenas: ArenaPool
  /// The threads of asynchronous parses.
  private let queue: JobQueue

  #if StarterWeights
    /// A parser with the starter weights that ship with the package; there if the package trait `StarterWeights` is
    /// enabled, as it is by default.
    ///
    /// - Throws: ``HumanParsingError`` if the weights are not where the package put them.
    public convenience init(options: Options = .init()) throws {
      let starter: StarterWeights = options.precision ?? .int8 == .int8 ? .int8 : .fp16
      guard let url = starter.url else {
        throw HumanParsingError(
          .noWeights, "the starter weights are not beside the program: expected \(starter.expectedPlace)")
      }
      try self.init(weights: url, options: options)
    }
  #else
    /// Without the package trait `StarterWeights` there are no weights but those of files.
    @available(*, unavailable, message: "enable the package trait StarterWeights, or name a weights file")
    public convenience init(options: Options = .init()) throws {
      throw HumanParsingError(.noWeights, "the package was built without its starter weights")
    }
  #endif

  /// A parser with the weights of a file.
  ///
  /// - Parameters:
  ///   - weights: A file that `m2fp convert` wrote.
  ///   - options: Settings of the parser.
  /// - Throws: ``HumanParsingError`` that names the file, what was expected and what was found.
  public init(weights: URL, options: Options = .init()) throws {
    pool = try Self.pool(threads: options.threads)
    do {
      let file = try WeightsFile(weights, memoryMapped: options.memoryMapped)
      model = ModelDescription(file)
      try Self.check(options.precision, against: model)
      network = try M2FPNetwork(file, pool: pool)
    } catch let error as HumanParsingError {
      throw error
    } catch {
      throw HumanParsingError(weights: error)
    }
    self.options = options
    self.weights = weights
    arenas = ArenaPool(capacity: pool.threads)
    queue = JobQueue(width: ProcessInfo.processInfo.activeProcessorCount / pool.threads)
    preprocessing = Preprocessing(configuration: network.configuration)
  }

  /// Threads that one parse runs on.
  package var threads: Int { pool.threads }

  package static let mostThreads = 1024

  /// - Parameter threads: Number of threads; `nil` for every processor that the process may use.
  static func pool(threads: Int?) throws -> WorkerPool {
    if let threads, !(1...mostThreads).contains(threads) {
      throw HumanParsingError(.invalidOption, "threads must be 1 to \(mostThreads), found \(threads)")
    }
    return .shared(threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  /// Checks that the file can serve a precision: fp16 weights are computed with in fp32, and int8 needs a file of its own.
  private static func check(_ precision: Precision?, against model: ModelDescription) throws {
    guard let precision, precision != model.precision, precision == .int8 || model.precision == .int8 else { return }
    throw HumanParsingError(
      .invalidOption,
      "\(model.name): precision \(precision.rawValue) was asked for, the file holds \(model.precision.rawValue)")
  }

  // MARK: Synchronous

  /// Parses a picture file: PNG, JPEG, WebP, TIFF, HEIC or AVIF, whatever its name says.
  ///
  /// - Returns: People, parts and a label map at the picture's own size, upright.
  /// - Throws: `ImageCodingError` if the file is not a picture that can be read.
  public func parse(contentsOf url: URL) throws -> Parsing {
    try parse(on: pool) { try RGBImage(contentsOf: url, limits: options.imageLimits) }
  }

  /// Parses the bytes of a picture file: PNG, JPEG, WebP, TIFF, HEIC or AVIF.
  ///
  /// - Returns: People, parts and a label map at the picture's own size, upright.
  /// - Throws: `ImageCodingError` if the bytes are not a picture that can be read.
  public func parse(encoded bytes: Data) throws -> Parsing {
    try parse(on: pool) { try RGBImage(decoding: bytes, limits: options.imageLimits) }
  }

  /// Parses a picture.
  ///
  /// - Returns: People, parts and a label map at the picture's own size.
  public func parse(_ image: RGBImage) throws -> Parsing { try parse(on: pool) { image } }

  /// Parses a picture, and may end early.
  ///
  /// - Parameters:
  ///   - threads: For this picture alone; `nil` takes the parser's.
  ///   - detail: For this picture alone; `nil` takes the parser's.
  ///   - check: Called after every stage of the network; what it throws ends the parsing.
  package func parse(
    _ image: RGBImage, threads: Int?, detail: Detail? = nil, check: @escaping () throws -> Void
  ) throws -> Parsing {
    try parse(on: threads.map { .shared(threads: $0) } ?? pool, detail: detail, check: check) { image }
  }

  /// Parses several pictures at once, each on one thread: a few per cent faster than one after another on all threads
  /// for large networks and more for small ones, at the price of working memory for each thread.
  ///
  /// - Parameter images: Pictures of any sizes.
  /// - Returns: A result for each picture, in order: one that cannot be parsed does not keep the others from it.
  public func parse(batch images: [RGBImage]) -> [Result<Parsing, any Error>] {
    // The loops of each pass find the other threads busy, and stay on the thread that runs them.
    pool.map(images.count) { index, _ in Result { try parse(on: pool) { images[index] } } }
  }

  // MARK: Asynchronous

  /// Parses a picture on a thread of the parser's own.
  ///
  /// Cancelling the task ends the parsing within one stage of the network. Calls from several tasks run side by side
  /// where the parser's threads leave processors free, else one after another.
  /// - Returns: People, parts and a label map at the picture's own size.
  /// - Throws: `CancellationError` if the task is cancelled.
  public func parse(_ image: RGBImage) async throws -> Parsing {
    try await queue.run { [self] job in
      try parse(on: pool, check: job.checkCancellation) { image }
    }
  }

  /// Reads and parses a picture file on a thread of the parser's own: PNG, JPEG, WebP, TIFF, HEIC or AVIF, whatever its name says.
  ///
  /// Cancelling the task ends the parsing within one stage of the network.
  /// - Returns: People, parts and a label map at the picture's own size, upright.
  /// - Throws: `ImageCodingError` if the file is not a picture that can be read; `CancellationError` if the
  ///   task is cancelled.
  public func parse(contentsOf url: URL) async throws -> Parsing {
    try await queue.run { [self] job in
      try parse(on: pool, check: job.checkCancellation) { try RGBImage(contentsOf: url, limits: options.imageLimits) }
    }
  }

  /// Parses the bytes of a picture file, PNG, JPEG, WebP, TIFF, HEIC or AVIF, on a thread of the parser's own.
  ///
  /// Cancelling the task ends the parsing within one stage of the network.
  /// - Returns: People, parts and a label map at the picture's own size, upright.
  /// - Throws: `ImageCodingError` if the bytes are not a picture that can be read; `CancellationError` if
  ///   the task is cancelled.
  public func parse(encoded bytes: Data) async throws -> Parsing {
    try await queue.run { [self] job in
      try parse(on: pool, check: job.checkCancellation) { try RGBImage(decoding: bytes, limits: options.imageLimits) }
    }
  }

  /// Parses a picture as `parse(_:)` does, and says what it has done.
  ///
  /// - Parameter didFinishStage: Called on the parser's thread after every stage of the network.
  package func parse(_ image: RGBImage, didFinishStage: @escaping @Sendable () -> Void) async throws -> Parsing {
    try await queue.run { [self] job in
      try parse(on: pool) {
        didFinishStage()
        try job.checkCancellation()
      } reading: {
        image
      }
    }
  }

  // MARK: Passes

  /// - Parameters:
  ///   - pool: The threads of the pass; masks are computed on the parser's.
  ///   - detail: For this picture alone; `nil` takes the parser's.
  ///   - check: Called before the picture is read, and after every stage of the network; what it throws ends the pass.
  ///   - read: The picture.
  func parse(
    on pool: WorkerPool, detail: Detail? = nil, check: (() throws -> Void)? = nil, reading read: () throws -> RGBImage
  ) throws -> Parsing {
    var stopwatch = Stopwatch()
    let image = try read()
    let decoding = stopwatch.lap()
    try check?()
    var parsing = try parsing(
      of: observe(image, on: pool, check: check), image: image, on: pool, detail: detail ?? options.detail, check: check
    )
    parsing.timings.decode = decoding
    return parsing
  }

  /// One pass of the network over a picture.
  func observe(_ image: RGBImage, on pool: WorkerPool, check: (() throws -> Void)?) throws -> FrameObservation {
    var stopwatch = Stopwatch()
    var timings = Timings()
    let prepared = try preprocessing(image, pool: pool)
    let output = try arenas.withArena { arena in
      let input = preprocessing.normalized(prepared, arena: arena, pool: pool)
      timings.preprocess = stopwatch.lap()
      return try network(
        input, ExecutionContext(arena: arena, pool: pool), forwardHook: check.map { check in { _, _ in try check() } })
    }
    timings.forward = stopwatch.lap()
    return FrameObservation(output: output, geometry: prepared.geometry, timings: timings)
  }

  /// People and parts of what the network says of a picture, with a second look if `detail` wants it.
  func parsing(
    of observation: FrameObservation, image: RGBImage, on pool: WorkerPool, detail: Detail, check: (() throws -> Void)?
  ) throws -> Parsing {
    let first = try parsing(of: observation, on: pool)
    let configuration = network.configuration
    guard let gain = detail.leastGain, configuration.model.parsingOn else { return first }
    let second = SecondLook(after: first, of: image, leastGain: gain) { height, width in
      Preprocessing.resizedSize(
        height: height, width: width, shortEdge: configuration.preprocess.shortEdge,
        maxSize: configuration.preprocess.maxSize)
    }
    return try second.parsing { crop in
      try check?()
      return try parsing(of: observe(crop, on: pool, check: check), on: pool)
    }
  }

  private func parsing(of observation: FrameObservation, on pool: WorkerPool) throws -> Parsing {
    var stopwatch = Stopwatch()
    var parsing = try Parsing(
      output: observation.output, geometry: observation.geometry,
      options: InferenceOptions(network.configuration.model), mending: options.mending, pool: pool)
    parsing.timings = observation.timings
    parsing.timings.postprocess += stopwatch.lap()
    return parsing
  }

  /// Runs `body` on a thread of the parser's own; cancelling the task makes the check that it gets throw.
  func onOwnThread<Value: Sendable>(
    _ body: @escaping @Sendable (_ check: @escaping () throws -> Void) throws -> Value
  ) async throws -> Value {
    try await queue.run { job in try body(job.checkCancellation) }
  }
}

/// Clock that measures laps in milliseconds.
private struct Stopwatch {
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant

  init() { start = clock.now }

  mutating func lap() -> Double {
    let now = clock.now
    defer { start = now }
    return (now - start) / .milliseconds(1)
  }
}
