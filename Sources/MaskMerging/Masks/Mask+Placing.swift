import TensorCore

extension Mask {
  /// The mask of a crop as a mask of the picture that it was cut from; 0 outside of the crop.
  ///
  /// - Parameters:
  ///   - x: Column of the picture at which the crop begins.
  ///   - y: Row of the picture at which the crop begins.
  ///   - width: Pixels in a row of the picture.
  ///   - height: Rows of the picture.
  /// - Precondition: The crop lies within the picture.
  package func placed(x: Int, y: Int, width: Int, height: Int) -> Mask {
    let columns = x..<x + self.width
    let rows = y..<y + self.height
    precondition(x >= 0 && y >= 0 && columns.upperBound <= width && rows.upperBound <= height, "a crop of the picture")
    return Mask(
      width: width, height: height, source: .placed(source, columns: columns, rows: rows),
      decision: decision.map { .placed($0, columns: columns, rows: rows) },
      extent: extent.map { extent in
        MaskExtent(
          area: extent.area,
          box: extent.box.map { BoundingBox(x: $0.x + x, y: $0.y + y, width: $0.width, height: $0.height) })
      }, pool: pool)
  }
}
