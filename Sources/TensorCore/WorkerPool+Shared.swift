import Platform

extension WorkerPool {
  /// The pool that everything in this process which asks for `threads` threads shares. It lives as long as somebody
  /// holds it.
  package static func shared(threads: Int) -> WorkerPool {
    pools.withLock { pools in
      if let pool = pools[threads]?.pool { return pool }
      let pool = WorkerPool(threads: threads)
      pools = pools.filter { $0.value.pool != nil }
      pools[threads] = WeakPool(pool: pool)
      return pool
    }
  }

  private struct WeakPool { weak var pool: WorkerPool? }

  private static let pools = Locked<[Int: WeakPool]>([:])
}
