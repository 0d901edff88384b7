import HumanParsing
import M2FP
import OpenBLAS
import TensorCore
import TensorKernels

/// Covariances of the inputs of layers that read what can be pruned, over the pictures of a calibration.
struct ChannelStatistics: CalibrationStatistics {
  /// By the name of the layer that reads.
  private(set) var covariances: [String: Covariance]
  private let pictures: Int
  private let library: OpenBLAS
  private let pool: WorkerPool

  /// - Parameter pictures: Expected number of pictures, from which follows how many rows are taken of each.
  init(of readers: [LayerDescription], pictures: Int, _ library: OpenBLAS, pool: WorkerPool) {
    covariances = Dictionary(uniqueKeysWithValues: readers.map { ($0.name, Covariance(depth: $0.depth)) })
    self.pictures = pictures
    self.library = library
    self.pool = library.isThreadSafe ? pool : .shared(threads: 1)
  }

  func observer(picture: Int) -> RowObserver {
    RowObserver(depths: covariances.mapValues(\.depth), picture: picture, pictures: pictures)
  }

  /// Adds the rows of a pass; layers are independent of each other, so that the sums do not depend on threads.
  mutating func add(_ observer: RowObserver) {
    let rows = observer.rows
    let names = rows.keys.sorted()
    let before = names.map { covariances.removeValue(forKey: $0) }
    let after = pool.map(names.count) { [library] index, _ in
      var covariance = before[index]
      covariance?.add(rows[names[index]] ?? [], library)
      return covariance
    }
    for (name, covariance) in zip(names, after) { covariances[name] = covariance }
  }
}

/// Takes rows of the inputs of some layers in one forward pass.
final class RowObserver: LayerObserver {
  /// (rows, depth) by layer name; rows that hold infinite numbers or NaN are left out.
  private(set) var rows: [String: [Float]] = [:]
  private let depths: [String: Int]
  private let picture: Int
  private let pictures: Int

  /// Rows of a layer over all pictures, for each element of a row: enough to tell its covariances from chance.
  private static let rowsForEachElement = 4
  private static let fewestRows = 64

  init(depths: [String: Int], picture: Int, pictures: Int) {
    self.depths = depths
    self.picture = picture
    self.pictures = pictures
  }

  func layer(_ name: String, willRead input: LayerInput) {
    guard let depth = depths[name], input.rows > 0, input.depth == depth else { return }
    let wanted = max(Self.rowsForEachElement * depth / max(pictures, 1), Self.fewestRows)
    var generator = SplitMix64(layer: name, picture: picture)
    for _ in 0..<wanted {
      let row = input.row(Int(generator.next() % UInt64(input.rows)))
      if row.allSatisfy(\.isFinite) { rows[name, default: []] += row }
    }
  }

  func layer(_ name: String, didRead input: LayerInput, writing output: Matrix) {}
}
