/// The smallest upright rectangle that holds some pixels, in pixels of the source picture.
public struct BoundingBox: Sendable, Hashable {
  /// Left edge: the first column inside.
  public var x: Int
  /// Top edge: the first row inside.
  public var y: Int
  /// Number of columns, at least 1.
  public var width: Int
  /// Number of rows, at least 1.
  public var height: Int

  /// A box from its left top pixel and its size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  package init(columns: Range<Int>, rows: Range<Int>) {
    self.init(x: columns.lowerBound, y: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// The smallest box that holds all of `boxes`; nil where there are none.
  package init?(around boxes: [BoundingBox]) {
    guard let left = boxes.map(\.x).min(), let right = boxes.map({ $0.x + $0.width }).max(),
      let top = boxes.map(\.y).min(), let bottom = boxes.map({ $0.y + $0.height }).max()
    else { return nil }
    self.init(columns: left..<right, rows: top..<bottom)
  }
}

/// Encoded as `[x, y, width, height]`.
extension BoundingBox: Codable {
  /// Reads `[x, y, width, height]`.
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    self.init(
      x: try values.decode(Int.self), y: try values.decode(Int.self), width: try values.decode(Int.self),
      height: try values.decode(Int.self))
  }

  /// Writes `[x, y, width, height]`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    for value in [x, y, width, height] { try values.encode(value) }
  }
}
