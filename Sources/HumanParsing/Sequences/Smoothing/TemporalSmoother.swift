package import ImageCoding
import M2FP
package import TensorCore

/// Smooths what the network says of the frames of a shot. Frames wait until those after them are there; a cut, a gap or
/// another size of pictures ends the smoothing, and it starts anew.
///
/// The result of a frame depends on the frames within ``reach`` of it and on nothing else.
package struct TemporalSmoother<Frame: Sendable>: Sendable {
  /// A frame with what was seen in it, smoothed.
  package typealias Smoothed = (frame: Frame, observation: FrameObservation)

  private struct Entry {
    /// `nil` once the frame was returned.
    var frame: Frame?
    let observation: FrameObservation
    let view: MotionView
    /// Motions from the frame before to this one, and back; `nil` for the first of a shot.
    let motions: (forward: FrameMotion, backward: FrameMotion)?
  }

  private let parameters: SmoothingParameters
  private let human: Int?
  private let pool: WorkerPool
  /// Frames of one shot that wait, and those before that they are smoothed with.
  private var entries: [Entry] = []
  /// Number of `entries` that were returned.
  private var returned = 0

  /// Frames before and after that a frame is smoothed with.
  package var reach: Int { parameters.reach }

  /// A smoother for what a parser says of frames.
  package init(_ smoothing: TemporalSmoothing, of parser: HumanParser) {
    self.init(SmoothingParameters(smoothing), of: parser)
  }

  package init(_ parameters: SmoothingParameters, of parser: HumanParser) {
    let model = parser.network.configuration.model
    self.init(parameters, human: model.parsingOn ? model.numParsing : nil, pool: parser.pool)
  }

  /// - Parameter human: The class of whole people; `nil` for networks without.
  package init(_ parameters: SmoothingParameters, human: Int?, pool: WorkerPool) {
    (self.parameters, self.human, self.pool) = (parameters, human, pool)
  }

  /// Takes the next frame.
  ///
  /// - Parameters:
  ///   - frame: Whatever belongs to the frame; it is returned with the smoothed observation.
  ///   - isAfterGap: Whether frames are missing before this one.
  /// - Returns: Frames that are smoothed by now, in order.
  package mutating func add(
    _ frame: Frame, image: RGBImage, observation: FrameObservation, isAfterGap: Bool = false
  ) -> [Smoothed] {
    guard reach > 0 else { return [(frame, observation)] }
    let view = MotionView(image)
    var ready: [Smoothed] = []
    var motions: (forward: FrameMotion, backward: FrameMotion)?
    if let last = entries.last {
      if !isAfterGap, view.continues(last.view), last.observation.isComparable(to: observation) {
        motions = FrameMotion.between(last.view, view, tolerance: parameters.tolerance, pool: pool)
      } else {
        ready = finish()
      }
    }
    entries.append(Entry(frame: frame, observation: observation, view: view, motions: motions))
    while entries.count - returned > reach { ready.append(next()) }
    return ready
  }

  /// The frames that wait, smoothed as if none followed; the next one starts anew.
  package mutating func finish() -> [Smoothed] {
    var ready: [Smoothed] = []
    while returned < entries.count { ready.append(next()) }
    (entries, returned) = ([], 0)
    return ready
  }

  private mutating func next() -> Smoothed {
    let observation = smoothed(returned)
    guard let frame = entries[returned].frame else { preconditionFailure("a frame that was returned") }
    entries[returned].frame = nil
    returned += 1
    let old = max(returned - reach, 0)
    entries.removeFirst(old)
    returned -= old
    return (frame, observation)
  }

  private func smoothed(_ index: Int) -> FrameObservation {
    var observation = entries[index].observation
    let start = ContinuousClock.now
    let neighbors = neighbors(of: index, from: -1) + neighbors(of: index, from: 1)
    observation.output = ObservationSmoothing(
      observation.output, neighbors: neighbors, human: human, parameters: parameters, pool: pool
    ).smoothed()
    observation.timings.postprocess += (ContinuousClock.now - start) / .milliseconds(1)
    return observation
  }

  /// The frames on one side, the nearest first.
  private func neighbors(of index: Int, from step: Int) -> [SmoothingNeighbor] {
    let entry = entries[index]
    var motion: FrameMotion?
    var neighbors: [SmoothingNeighbor] = []
    for distance in 1...max(reach, 1) {
      let place = index + step * distance
      guard entries.indices.contains(place) else { break }
      let link = step < 0 ? entries[place + 1].motions?.backward : entries[place].motions?.forward
      guard let link else { break }
      let way = motion?.followed(by: link) ?? link
      motion = way
      let output = entries[place].observation.output
      neighbors.append(
        SmoothingNeighbor(
          output: output,
          motion: MaskMotion(
            way, cell: entry.view.pyramid.cell, geometry: entry.observation.geometry, maskWidth: output.maskWidth,
            maskHeight: output.maskHeight),
          distance: step * distance))
    }
    return neighbors
  }
}

extension FrameObservation {
  /// Whether masks of both have the same grid.
  fileprivate func isComparable(to other: FrameObservation) -> Bool {
    output.maskWidth == other.output.maskWidth && output.maskHeight == other.output.maskHeight
      && output.queries == other.output.queries && output.classes == other.output.classes
  }
}
