package import TensorKernels

/// Where the photo lies in the network's input, and its own size.
package struct InputGeometry: Sendable {
  /// Size of the network's input, to which masks are upsampled first.
  package let paddedHeight: Int
  package let paddedWidth: Int
  /// The part of the input that shows the photo: all but the padding, or the crop box of a single human.
  package let rows: Range<Int>
  package let columns: Range<Int>
  /// Size of the photo itself.
  package let sourceHeight: Int
  package let sourceWidth: Int

  /// - Precondition: All sizes are positive; the photo's part is not empty and lies within the input.
  package init(
    paddedHeight: Int, paddedWidth: Int, rows: Range<Int>, columns: Range<Int>, sourceHeight: Int, sourceWidth: Int
  ) {
    precondition(!rows.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= paddedHeight, "rows within the input")
    precondition(
      !columns.isEmpty && columns.lowerBound >= 0 && columns.upperBound <= paddedWidth, "columns within the input")
    precondition(sourceHeight > 0 && sourceWidth > 0, "a photo has pixels")
    self.paddedHeight = paddedHeight
    self.paddedWidth = paddedWidth
    self.rows = rows
    self.columns = columns
    self.sourceHeight = sourceHeight
    self.sourceWidth = sourceWidth
  }
}

extension InputGeometry {
  /// Interpolation weights from the rows of a mask to the rows of the photo: upsampled to the padded input, cropped,
  /// resized to the photo.
  package func rowWeights(maskHeight: Int) -> AxisInterpolationWeights {
    AxisInterpolationWeights.bilinear(from: maskHeight, to: paddedHeight).cropped(to: rows)
      .followed(by: .bilinear(from: rows.count, to: sourceHeight))
  }

  /// Interpolation weights from the columns of a mask to the columns of the photo.
  package func columnWeights(maskWidth: Int) -> AxisInterpolationWeights {
    AxisInterpolationWeights.bilinear(from: maskWidth, to: paddedWidth).cropped(to: columns)
      .followed(by: .bilinear(from: columns.count, to: sourceWidth))
  }
}
