public import Foundation
public import ImageCoding
import TensorCore

extension HumanParser {
  /// Parses picture files side by side, each on one thread, and yields the results in order as they come.
  ///
  /// ```swift
  /// for try await (photo, result) in parser.parse(batch: photos) {
  ///   print(photo.lastPathComponent, try result.get().people.count)
  /// }
  /// ```
  /// - Parameter urls: PNG, JPEG, WebP, TIFF, HEIC or AVIF files.
  public func parse(batch urls: [URL]) -> ParsingBatch<URL> {
    parse(batch: urls) { [limits = options.imageLimits] in try RGBImage(contentsOf: $0, limits: limits) }
  }

  /// Parses pictures side by side, each on one thread, and yields the results in order as they come.
  ///
  /// - Parameters:
  ///   - inputs: What the pictures are read from, such as the numbers of frames.
  ///   - read: Reads a picture; called on a thread of the batch, a few pictures ahead.
  public func parse<Input: Sendable>(
    batch inputs: [Input], reading read: @escaping @Sendable (Input) throws -> RGBImage
  ) -> ParsingBatch<Input> {
    ParsingBatch(inputs: inputs, parser: self, read: read)
  }
}

/// Pictures that are parsed side by side while the results are consumed, in order.
///
/// Work starts with the first call of `next()`, and goes at most one picture further ahead of the consumer than the
/// parser has threads, so that memory stays bounded. It ends when the iteration does: by the last element, by `break`, or
/// by cancelling the task, which makes `next()` throw `CancellationError` within one stage of the network.
public struct ParsingBatch<Input: Sendable>: AsyncSequence, Sendable {
  /// An input with its result: a picture that cannot be parsed does not end the sequence.
  public typealias Element = (input: Input, result: Result<Parsing, any Error>)

  /// The pictures of the batch.
  public let inputs: [Input]
  private let parser: HumanParser
  private let read: @Sendable (Input) throws -> RGBImage

  init(inputs: [Input], parser: HumanParser, read: @escaping @Sendable (Input) throws -> RGBImage) {
    self.inputs = inputs
    self.parser = parser
    self.read = read
  }

  /// Number of pictures.
  public var count: Int { inputs.count }

  /// An iterator that starts from the first picture.
  public func makeAsyncIterator() -> Iterator { Iterator(inputs, parser, read) }

  /// Iterates over the results of a batch; each iterator parses the pictures anew.
  public struct Iterator: AsyncIteratorProtocol {
    private let run: BatchRun<Input>

    fileprivate init(
      _ inputs: [Input], _ parser: HumanParser, _ read: @escaping @Sendable (Input) throws -> RGBImage
    ) {
      run = BatchRun(inputs, parser, read)
    }

    /// The next picture's result; `nil` after the last.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    public mutating func next() async throws -> Element? { try await run.next() }
  }
}

/// The jobs of one iteration; those that are not done are cancelled when it is freed.
private final class BatchRun<Input: Sendable> {
  private var inputs: ArraySlice<Input>
  private var jobs: [(input: Input, job: Job<Parsing>)] = []
  private let parser: HumanParser
  private let read: @Sendable (Input) throws -> RGBImage
  private let queue: JobQueue
  private let lookAhead: Int

  init(_ inputs: [Input], _ parser: HumanParser, _ read: @escaping @Sendable (Input) throws -> RGBImage) {
    self.inputs = inputs[...]
    self.parser = parser
    self.read = read
    queue = JobQueue(width: min(parser.threads, inputs.count))
    lookAhead = parser.threads + 1
  }

  deinit { cancel() }

  func next() async throws -> ParsingBatch<Input>.Element? {
    if Task.isCancelled {
      cancel()
      throw CancellationError()
    }
    while jobs.count < lookAhead, let input = inputs.popFirst() { start(input) }
    guard let (input, job) = jobs.first else { return nil }
    do {
      let parsing = try await job.value
      jobs.removeFirst()
      return (input, .success(parsing))
    } catch {
      jobs.removeFirst()
      if Task.isCancelled {
        cancel()
        throw CancellationError()
      }
      return (input, .failure(error))
    }
  }

  private func start(_ input: Input) {
    let job = Job { [parser, read] job in
      try parser.parse(on: .shared(threads: 1), check: job.checkCancellation) { try read(input) }
    }
    queue.add(job)
    jobs.append((input, job))
  }

  private func cancel() {
    for entry in jobs { entry.job.cancel() }
    jobs = []
    inputs = []
  }
}
