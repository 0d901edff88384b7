package import ImageCoding
package import M2FP
import TensorCore

/// What the network says of a picture, before people and parts are made of it.
package struct FrameObservation: Sendable {
  package internal(set) var output: M2FPOutput
  let geometry: InputGeometry
  /// Duration of the steps so far.
  package var timings: Timings

  /// An observation of the network's output and how the picture lies in its input.
  package init(output: M2FPOutput, geometry: InputGeometry, timings: Timings = Timings()) {
    (self.output, self.geometry, self.timings) = (output, geometry, timings)
  }
}

extension HumanParser {
  /// Passes a picture through the network.
  ///
  /// - Parameters:
  ///   - pool: The threads of the pass; `nil` for the parser's.
  ///   - check: Called after every stage of the network; what it throws ends the pass.
  package func observe(_ image: RGBImage, check: (() throws -> Void)? = nil) throws -> FrameObservation {
    try observe(image, on: pool, check: check)
  }

  /// Makes people and parts of what the network says of a picture, and looks a second time if the options want it.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - check: Called after every stage of the network; what it throws ends the pass.
  package func parsing(
    of observation: FrameObservation, image: RGBImage, check: (() throws -> Void)? = nil
  ) throws -> Parsing {
    try parsing(of: observation, image: image, on: pool, detail: options.detail, check: check)
  }

  /// Makes people and parts of what the network says of a picture, on a thread of the parser's own.
  func parsing(of observation: FrameObservation, image: RGBImage) async throws -> Parsing {
    try await onOwnThread { [self] job in
      try parsing(of: observation, image: image, on: pool, detail: options.detail, check: job)
    }
  }
}
