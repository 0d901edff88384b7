import OpenBLAS
import TensorCore
import TensorKernelBodies

/// Who multiplies matrices.
package enum GEMMBackend: String, CaseIterable, Sendable {
  /// Tiles of our own in registers, with the vector instructions that are chosen.
  case own
  /// OpenBLAS, which has kernels written by hand for most processors and chooses among them itself.
  case openblas

  /// Whether the system has it, and threads may share it.
  package var isAvailable: Bool {
    switch self {
    case .own: true
    case .openblas: GEMM.openBLAS != nil
    }
  }
}

/// fp32 matrix products of one backend and one arithmetic, and the layout that the right operand has for them.
final class GEMM: Sendable {
  enum Method: Sendable {
    /// Tiles of our own, of a right operand in panels.
    case tiles(TileGEMM)
    /// OpenBLAS's `sgemm`, of a right operand with rows as they are.
    case openBLAS(OpenBLAS)
  }

  /// Columns of a panel, and of a tile. With OpenBLAS, columns that a task is not worth splitting below.
  let nr: Int
  /// Rows of the largest tile. With OpenBLAS, which copies what it reads for each product, rows that are worth a call.
  let mr: Int
  let method: Method

  private init(nr: Int, mr: Int, _ method: Method) {
    self.nr = nr
    self.mr = mr
    self.method = method
  }

  convenience init(nr: Int, mr: Int, _ tiles: TileGEMM) { self.init(nr: nr, mr: mr, .tiles(tiles)) }

  /// Threads by whose number the rows of a product may be shared out: 1 where the bits of a row depend on how many there are,
  /// so that results do not depend on the number of threads.
  func threadsForRows(_ threads: Int) -> Int {
    switch method {
    case .tiles: threads
    case .openBLAS: 1
    }
  }

  /// `nil` if the system has no OpenBLAS that threads may share.
  static let openBLAS = OpenBLAS.shared.flatMap { $0.isThreadSafe ? GEMM(nr: 128, mr: 96, .openBLAS($0)) : nil }
}

/// The kernels of products in tiles.
struct TileGEMM: Sendable {
  let multiply: KernelConfiguration.Kernel<GEMMMicroKernel>
  let packByCopying: KernelConfiguration.Kernel<PanelPacking>
  let packByTransposing: KernelConfiguration.Kernel<PanelPacking>
}
