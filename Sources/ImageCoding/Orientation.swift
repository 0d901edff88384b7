/// The orientation of a stored image, numbered as in EXIF: where its first row and first column are to be shown.
enum Orientation: Int, CaseIterable {
  case up = 1
  case upMirrored = 2
  case down = 3
  case downMirrored = 4
  case leftMirrored = 5
  case right = 6
  case rightMirrored = 7
  case left = 8

  /// Whether rows become columns.
  var swapsAxes: Bool { rawValue >= Self.leftMirrored.rawValue }
}

extension SampledImage {
  /// The image turned upright, as by Pillow's `ImageOps.exif_transpose`.
  func upright(from orientation: Orientation) throws -> Self {
    guard orientation != .up else { return self }
    let target = orientation.swapsAxes ? (width: height, height: width) : (width: width, height: height)
    let transposition = Transposition(orientation, width: width, height: height)
    return try Self(width: target.width, height: target.height) { output in
      pixels.withUnsafeBufferPointer { input in
        transposition.copy(input, to: output, width: target.width, height: target.height, channels: Self.channels)
      }
    }
  }
}

/// Addresses of a stored image's pixels in the order in which they are shown.
private struct Transposition {
  /// Side of the square tiles that are copied one by one, so that reading along columns stays in cache.
  private static let side = 32

  /// Index of the stored pixel that is shown at the top left.
  let origin: Int
  /// Stride, in pixels, to the pixel that is shown to the right.
  let right: Int
  /// Stride, in pixels, to the pixel that is shown below.
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

  /// Copies all pixels of `input` to `output`, shape (`height`, `width`, `channels`).
  @inline(__always)
  func copy<Sample: BitwiseCopyable>(
    _ input: UnsafeBufferPointer<Sample>, to output: UnsafeMutableBufferPointer<Sample>, width: Int, height: Int,
    channels: Int
  ) {
    guard let input = input.baseAddress, let output = output.baseAddress else { return }
    for top in stride(from: 0, to: height, by: Self.side) {
      for left in stride(from: 0, to: width, by: Self.side) {
        for row in top..<min(top + Self.side, height) {
          var source = input + channels * (origin + row * below + left * right)
          var target = output + channels * (row * width + left)
          for _ in left..<min(left + Self.side, width) {
            for channel in 0..<channels { target[channel] = source[channel] }
            source += channels * right
            target += channels
          }
        }
      }
    }
  }
}
