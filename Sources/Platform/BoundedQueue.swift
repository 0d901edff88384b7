/// A queue between threads that holds a few elements: who adds waits while it is full, who takes waits while it is empty.
///
/// Audited as `@unchecked Sendable`: elements and flags are touched only while the monitor is locked.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private let capacity: Int
  private var elements: [Element] = []
  private var isClosed = false

  /// - Parameter capacity: Most elements at one time, at least 1.
  package init(capacity: Int) { self.capacity = max(capacity, 1) }

  /// Adds an element, as soon as there is room.
  ///
  /// - Returns: False if the queue was closed, so that the element is lost.
  @discardableResult
  package func add(_ element: Element) -> Bool {
    monitor.withLock {
      while elements.count >= capacity, !isClosed { monitor.wait() }
      guard !isClosed else { return false }
      elements.append(element)
      monitor.wakeAll()
      return true
    }
  }

  /// Takes the first element, as soon as there is one; `nil` if the queue is closed and empty.
  package func take() -> Element? {
    monitor.withLock {
      while elements.isEmpty, !isClosed { monitor.wait() }
      guard !elements.isEmpty else { return nil }
      defer { monitor.wakeAll() }
      return elements.removeFirst()
    }
  }

  /// Lets nobody add any more; what is in the queue is still taken.
  package func close() {
    monitor.withLock {
      isClosed = true
      monitor.wakeAll()
    }
  }

  /// Closes the queue and drops what is in it.
  package func cancel() {
    monitor.withLock {
      isClosed = true
      elements = []
      monitor.wakeAll()
    }
  }
}
