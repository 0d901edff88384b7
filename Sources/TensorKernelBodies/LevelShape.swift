/// The size of one level of a feature pyramid, in pixels.
public struct LevelShape: Sendable, Equatable {
  public let height: Int
  public let width: Int

  @inlinable
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  @inlinable
  public var count: Int { height * width }
}
