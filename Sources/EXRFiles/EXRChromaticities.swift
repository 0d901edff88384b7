/// The primaries that a plate's values stand for: x and y (CIE 1931) of red, green, blue and white.
package struct EXRChromaticities: Sendable, Equatable {
  package var red: SIMD2<Double>
  package var green: SIMD2<Double>
  package var blue: SIMD2<Double>
  package var white: SIMD2<Double>

  package init(red: SIMD2<Double>, green: SIMD2<Double>, blue: SIMD2<Double>, white: SIMD2<Double>) {
    (self.red, self.green, self.blue, self.white) = (red, green, blue, white)
  }

  /// Those of sRGB, too.
  package static let rec709 = EXRChromaticities(
    red: [0.64, 0.33], green: [0.30, 0.60], blue: [0.15, 0.06], white: [0.3127, 0.3290])

  static let attributeName = "chromaticities"

  /// The chromaticities of an attribute; `nil` for a value that is damaged, or of which no colors can be made.
  init?(_ attribute: EXRAttribute) {
    guard attribute.name == Self.attributeName, attribute.type == "chromaticities", attribute.value.count == 32 else {
      return nil
    }
    let values = (0..<8).map { index in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(attribute.value[4 * index + $1]) << UInt32(8 * $1) }
      return Double(Float(bitPattern: bits))
    }
    guard values.allSatisfy({ $0.isFinite && abs($0) < 100 }) else { return nil }
    self.init(
      red: [values[0], values[1]], green: [values[2], values[3]], blue: [values[4], values[5]],
      white: [values[6], values[7]])
    guard toRec709 != nil else { return nil }
  }

  /// Whether they differ from others by no more than files round.
  func isClose(to other: Self) -> Bool {
    [red - other.red, green - other.green, blue - other.blue, white - other.white]
      .allSatisfy { abs($0.x) < 0.001 && abs($0.y) < 0.001 }
  }

  /// The matrix from linear values of these primaries to those of Rec. 709, with whites adapted as by Bradford's cones; `nil`
  /// for primaries on one line.
  package var toRec709: Matrix3? {
    guard let own = toXYZ, let other = Self.rec709.toXYZ?.inverse, let cones = Matrix3.bradford.inverse else {
      return nil
    }
    let (from, to) = (Matrix3.bradford * Self.xyz(white), Matrix3.bradford * Self.xyz(Self.rec709.white))
    guard (0..<3).allSatisfy({ abs(from[$0]) > 1e-6 }) else { return nil }
    let adaptation = cones * Matrix3(diagonal: to / from) * .bradford
    return other * (adaptation * own)
  }

  /// X, Y and Z of a color of luminance 1.
  private static func xyz(_ color: SIMD2<Double>) -> SIMD3<Double> {
    [color.x / color.y, 1, (1 - color.x - color.y) / color.y]
  }

  /// The matrix from linear values to CIE XYZ (SMPTE RP 177).
  private var toXYZ: Matrix3? {
    guard [red, green, blue, white].allSatisfy({ abs($0.y) > 1e-6 }) else { return nil }
    let primaries = Matrix3(columns: Self.xyz(red), Self.xyz(green), Self.xyz(blue))
    guard let inverse = primaries.inverse else { return nil }
    return primaries * Matrix3(diagonal: inverse * Self.xyz(white))
  }
}

/// A matrix of 3 × 3 numbers.
package struct Matrix3: Sendable, Equatable {
  package var columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

  package init(columns first: SIMD3<Double>, _ second: SIMD3<Double>, _ third: SIMD3<Double>) {
    columns = (first, second, third)
  }

  init(diagonal: SIMD3<Double>) {
    self.init(columns: [diagonal.x, 0, 0], [0, diagonal.y, 0], [0, 0, diagonal.z])
  }

  /// From XYZ to the responses of cones (Lam, 1985).
  static let bradford = Matrix3(
    columns: [0.8951, -0.7502, 0.0389], [0.2664, 1.7135, -0.0685], [-0.1614, 0.0367, 1.0296])

  package static func == (left: Self, right: Self) -> Bool { left.columns == right.columns }

  package static func * (matrix: Self, vector: SIMD3<Double>) -> SIMD3<Double> {
    matrix.columns.0 * vector.x + matrix.columns.1 * vector.y + matrix.columns.2 * vector.z
  }

  static func * (left: Self, right: Self) -> Self {
    Matrix3(columns: left * right.columns.0, left * right.columns.1, left * right.columns.2)
  }

  /// `nil` for a matrix that has none.
  var inverse: Matrix3? {
    func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
      [a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x]
    }
    let rows = (cross(columns.1, columns.2), cross(columns.2, columns.0), cross(columns.0, columns.1))
    let determinant = (columns.0 * rows.0).sum()
    guard abs(determinant) > 1e-9 else { return nil }
    return Matrix3(
      columns: [rows.0.x, rows.1.x, rows.2.x] / determinant, [rows.0.y, rows.1.y, rows.2.y] / determinant,
      [rows.0.z, rows.1.z, rows.2.z] / determinant)
  }
}
