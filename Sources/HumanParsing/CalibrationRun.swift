import Checkpoints
package import Foundation
package import ImageCoding
package import M2FP
import Platform
package import TensorCore
package import TensorKernels

/// Statistics of passes of a network over pictures, by which its weights are changed.
package protocol CalibrationStatistics {
  associatedtype Observer: LayerObserver
  /// An observer for the pass over one picture, counted from 0.
  func observer(picture: Int) -> Observer
  /// Adds the observations of a pass. Passes are added in the order of their pictures.
  mutating func add(_ observer: Observer)
}

extension Calibration: CalibrationStatistics {
  package func observer(picture: Int) -> CalibrationObserver { pass(picture: picture) }
}

/// Passes of a network over pictures by which its weights are changed, and the comparison of the changed network with it
/// on pictures that were held out of them.
///
/// Passes run side by side, each on one thread, so that nothing depends on the number of threads.
package final class CalibrationRun<Statistics: CalibrationStatistics> {
  package let file: WeightsFile
  package let pool: WorkerPool
  package private(set) var statistics: Statistics
  private let network: M2FPNetwork
  private let preprocessing: Preprocessing
  private var waiting: [Preprocessing.Prepared] = []
  private var passes = 0
  private var heldOut: [HeldOutPicture] = []
  private let holdsOut: Bool

  /// - Parameters:
  ///   - weights: A file that `m2fp convert` wrote.
  ///   - pictures: How many there will be. One in five is held out, if there are so many.
  ///   - threads: Threads that passes run on; `nil` takes every processor that the process may use.
  ///   - statistics: Makes the statistics of the file for a number of pictures.
  /// - Throws: `HumanParsingError`, `M2FPError`, or what `statistics` throws.
  package init(
    weights: URL, pictures: Int, threads: Int?,
    statistics: (_ file: WeightsFile, _ pictures: Int, _ pool: WorkerPool) throws -> Statistics
  ) throws {
    pool = try HumanParser.pool(threads: threads)
    holdsOut = pictures >= HeldOutPicture.interval
    do {
      file = try WeightsFile(weights)
      self.statistics = try statistics(
        file, holdsOut ? pictures - pictures / HeldOutPicture.interval : pictures, pool)
      network = try M2FPNetwork(file, pool: pool)
    } catch let error as CheckpointError {
      throw HumanParsingError(weights: error)
    }
    preprocessing = Preprocessing(configuration: file.configuration)
  }

  /// Adds a picture to the statistics or to those that are held out; passes begin once there is one for each thread.
  package func add(_ image: RGBImage) throws {
    waiting.append(try preprocessing(image, pool: pool))
    if waiting.count == pool.threads { try runPasses() }
  }

  /// Runs the passes that are left.
  package func finish() throws { if !waiting.isEmpty { try runPasses() } }

  /// Number of pictures that the statistics are of.
  package var pictures: Int { passes - heldOut.count + waiting.count }

  /// Number of pictures that networks are compared on.
  package var comparedPictures: Int { heldOut.count }

  private func runPasses() throws {
    let pictures = waiting
    waiting = []
    let isHeldOut = pictures.indices.map {
      holdsOut && (passes + $0) % HeldOutPicture.interval == HeldOutPicture.interval - 1
    }
    let observers = pictures.indices.map { isHeldOut[$0] ? nil : statistics.observer(picture: passes + $0) }
    let labels = try labels(of: pictures, network, observers: observers)
    passes += pictures.count
    for (index, observer) in observers.enumerated() {
      if let observer {
        statistics.add(observer)
      } else {
        heldOut.append(HeldOutPicture(picture: pictures[index], labels: labels[index]))
      }
    }
  }

  /// The share of pixels of people, in either of the two label maps, that have the same class in both; `nil` where there
  /// was nothing to compare.
  package func agreement(with file: WeightsFile) throws -> Double? {
    let network = try M2FPNetwork(file, pool: pool)
    var (same, all) = (0, 0)
    for start in stride(from: 0, to: heldOut.count, by: pool.threads) {
      let group = heldOut[start..<min(start + pool.threads, heldOut.count)]
      let labels = try labels(of: group.map(\.picture), network)
      for (expected, found) in zip(group.map(\.labels), labels) {
        for (expected, found) in zip(expected, found) where expected != 0 || found != 0 {
          all += 1
          if expected == found { same += 1 }
        }
      }
    }
    return all > 0 ? Double(same) / Double(all) : nil
  }

  /// The label maps of some pictures at the network's size, each computed on a thread of its own.
  private func labels(
    of pictures: [Preprocessing.Prepared], _ network: M2FPNetwork, observers: [Statistics.Observer?] = []
  ) throws -> [[UInt8]] {
    let oneThread = WorkerPool.shared(threads: 1)
    let preprocessing = preprocessing
    // Each pass has an observer of its own.
    nonisolated(unsafe) let observers = observers.map { $0 as (any LayerObserver)? }
    let results = pool.map(pictures.count) { index, _ in
      Result {
        let arena = Arena()
        let context = ExecutionContext(
          arena: arena, pool: oneThread, observer: index < observers.count ? observers[index] : nil)
        let output = try network(preprocessing.normalized(pictures[index], arena: arena, pool: oneThread), context)
        return try Parsing(
          output: output, geometry: pictures[index].geometry.atInputSize,
          options: InferenceOptions(network.configuration.model), pool: oneThread
        ).labelMap.indices
      }
    }
    return try results.map { try $0.get() }
  }
}

/// A picture to compare networks on, and the label map that the network predicts before it is changed.
private struct HeldOutPicture {
  let picture: Preprocessing.Prepared
  let labels: [UInt8]

  /// One picture in so many is kept for the comparison.
  static let interval = 5
}

extension InputGeometry {
  /// The same, as if the photo had the size that it has in the network's input.
  fileprivate var atInputSize: InputGeometry {
    InputGeometry(
      paddedHeight: paddedHeight, paddedWidth: paddedWidth, rows: rows, columns: columns, sourceHeight: rows.count,
      sourceWidth: columns.count)
  }
}
