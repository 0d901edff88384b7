/// Where the first row and the first column of a stored image belong, numbered as in EXIF.
enum Orientation: Int, CaseIterable {
  case up = 1
  case upMirrored = 2
  case down = 3
  case downMirrored = 4
  case leftMirrored = 5
  case right = 6
  case rightMirrored = 7
  case left = 8

  /// Rows become columns.
  var swapsAxes: Bool { rawValue >= Self.leftMirrored.rawValue }
}

extension RGBImage {
  /// The image as it is to be seen, as Pillow's `ImageOps.exif_transpose` turns it.
  func upright(from orientation: Orientation) throws -> RGBImage {
    guard orientation != .up else { return self }
    let target = orientation.swapsAxes ? (width: height, height: width) : (width: width, height: height)
    let walk = Walk(orientation, width: width, height: height)
    return try RGBImage(width: target.width, height: target.height) { output in
      pixels.withUnsafeBufferPointer { input in
        walk.copy(input, to: output, width: target.width, height: target.height)
      }
    }
  }
}

/// The way through a stored image that visits its pixels in the order in which they are seen.
private struct Walk {
  /// Side of the squares that are copied one by one, so that reading down columns stays in cache.
  private static let side = 32

  /// Offsets in pixels: of the pixel seen top left, from one seen to the next on the right, to the next below.
  let origin: Int
  let right: Int
  let below: Int

  init(_ orientation: Orientation, width: Int, height: Int) {
    let (topRight, bottomLeft, bottomRight) = (width - 1, (height - 1) * width, height * width - 1)
    switch orientation {
    case .up: (origin, right, below) = (0, 1, width)
    case .upMirrored: (origin, right, below) = (topRight, -1, width)
    case .down: (origin, right, below) = (bottomRight, -1, -width)
    case .downMirrored: (origin, right, below) = (bottomLeft, 1, -width)
    case .leftMirrored: (origin, right, below) = (0, width, 1)
    case .right: (origin, right, below) = (bottomLeft, -width, 1)
    case .rightMirrored: (origin, right, below) = (bottomRight, -width, -1)
    case .left: (origin, right, below) = (topRight, width, -1)
    }
  }

  /// `output` has room for `width` × `height` pixels, as many as `input` holds.
  func copy(
    _ input: UnsafeBufferPointer<UInt8>, to output: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int
  ) {
    guard let input = input.baseAddress, let output = output.baseAddress else { return }
    for top in stride(from: 0, to: height, by: Self.side) {
      for left in stride(from: 0, to: width, by: Self.side) {
        for row in top..<min(top + Self.side, height) {
          var source = input + 3 * (origin + row * below + left * right)
          var target = output + 3 * (row * width + left)
          for _ in left..<min(left + Self.side, width) {
            (target[0], target[1], target[2]) = (source[0], source[1], source[2])
            source += 3 * right
            target += 3
          }
        }
      }
    }
  }
}
