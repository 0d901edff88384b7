/// The size of one level of a feature pyramid, in pixels.
package struct LevelShape: Sendable, Equatable {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  package var count: Int { height * width }
}
