extension Matte {
  /// A matte that covers nothing.
  package static func empty(width: Int, height: Int) -> Matte {
    Matte(plane: FloatPlane(width: width, height: height, rows: 0..<0, columns: 0..<0), pool: .forMasks)
  }
}
