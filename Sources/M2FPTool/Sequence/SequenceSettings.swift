import EXRFiles
import Foundation
import HumanParsing
import ImageCoding
import MaskMerging
import VideoFrames

/// All that decides what a run writes for a frame. A run goes on from another only if these are the same.
package struct SequenceSettings: Codable, Equatable, Sendable {
  /// The weights that a run uses.
  package struct Weights: Codable, Equatable, Sendable {
    package var name: String
    package var sha256: String
  }

  /// A mask and its parts.
  struct Mask: Codable, Equatable {
    var name: String
    var labels: [String]
  }

  /// A video whose frames are parsed.
  struct Video: Codable, Equatable {
    var bytes: Int
    var codec: String
    var width: Int
    var height: Int
    /// Degrees, counterclockwise.
    var rotation: Int
    /// Frames in a second, as a fraction.
    var rate: String?
    /// Matrix that its colors are converted with; `nil` for a video of RGB.
    var matrix: String?
    var fullRange: Bool
    var timecode: String?
    /// Number of its first frame.
    var firstFrame: Int
  }

  /// How the network is shown plates.
  struct PlateView: Codable, Equatable {
    var exposure: Float
    var curve: String
    var layer: String?
  }

  package var version: String
  package var weights: Weights
  var input: String
  /// `nil` for pictures.
  var video: Video?
  var missing: String
  var outputs: [String]
  var masks: [Mask]
  var people: [Int]?
  var memory: Int
  /// The second look at small people, and whether their masks are left as the network gives them.
  var detail: String
  var rawPeople: Bool
  var temporal: String
  /// How the network is shown plates; `nil` for photographs and videos.
  var plateView: PlateView?
  var matteDepth: Int
  /// Color space, and how what is transparent is held, where it is not as in the beginning.
  var layers: [String: String]?
  /// How OpenEXR files are written; `nil` for none.
  var exr: [String: String]?
  /// The fit to the photograph; `nil` for none.
  var refinement: [String: Float]?
  var edges: [String: Float]
  var cleaning: [String: Int]?
  /// Colors of the classes, in their order.
  var palette: [String]
  var smoothing: String
  var order: String?

  /// - Parameters:
  ///   - writer: Writer of the results.
  ///   - weights: Weights of the parser.
  ///   - options: Settings of the parser.
  ///   - input: The pattern of the frames, or the path of a video.
  ///   - video: The video, and the number of its first frame.
  ///   - missing: What becomes of missing frames.
  ///   - memory: Frames for which people who are not seen are remembered.
  ///   - temporal: How masks are smoothed over time.
  ///   - plateView: How the network is shown plates; `nil` for photographs and videos.
  ///   - color: Color space of results in the frames' own colors; `nil` for what is usual.
  init(
    _ writer: SequenceWriter, weights: Weights, options: HumanParser.Options, input: String,
    video: (video: VideoFrames.Video, firstFrame: Int)? = nil, missing: String, memory: Int,
    temporal: TemporalSmoothing, plateView: EXRFiles.PlateView? = nil,
    color: ColorHandling? = nil
  ) {
    version = Version.current
    self.weights = weights
    self.input = input
    self.missing = missing
    self.memory = memory
    self.video = video.map { Video($0.video, firstFrame: $0.firstFrame) }
    detail = options.detail.rawValue
    rawPeople = options.mending == .none
    self.temporal = temporal.rawValue
    self.plateView = plateView.map {
      PlateView(exposure: $0.exposure, curve: $0.curve.rawValue, layer: $0.layer)
    }
    outputs = SequenceOutput.allCases.filter(writer.outputs.contains).map(\.rawValue)
    masks = writer.selection.masks.map { Mask(name: $0.name, labels: $0.labels.map(\.name)) }
    people = writer.people?.sorted()
    matteDepth = writer.matteDepth.rawValue
    if color == .srgb || writer.layers != LayerForm() || writer.exr.isStraight {
      layers = [
        "color": (color ?? .keep).rawValue, "edgeExtend": "\(writer.layers.edgeExtension)",
        "premultiplied": "\(writer.layers.isPremultiplied)", "straightEXR": "\(writer.exr.isStraight)",
      ]
    }
    if !writer.outputs.isDisjoint(with: SequenceOutput.openEXR) {
      exr = [
        "channel": writer.exr.channel.rawValue, "compression": writer.exr.compression.rawValue, "name": writer.shot,
        "people": writer.exrPeople.map(String.init).joined(separator: ","),
      ]
    }
    refinement = writer.refinement.map {
      ["radius": Float($0.radius ?? 0), "epsilon": $0.epsilon, "contrast": Float($0.contrast)]
    }
    let controls = writer.edges
    edges = [
      "grow": controls.grow, "feather": controls.feather, "blackClip": controls.blackClip,
      "whiteClip": controls.whiteClip,
    ]
    cleaning = writer.cleaning.map {
      ["smallestSpeck": $0.smallestSpeck, "smallestHole": $0.smallestHole, "largestOnly": $0.largestOnly ? 1 : 0]
    }
    palette = writer.palette.colors(of: writer.selection.classes).map { "\($0)" }
    smoothing = "\(writer.smoothing)"
    order = writer.order.map { "\($0)" }
  }

  /// Names of the settings that differ, in alphabetical order.
  func differences(to other: SequenceSettings) -> [String] {
    guard let own = fields, let others = other.fields else { return [] }
    return Set(own.keys).union(others.keys).filter { own[$0] != others[$0] }.sorted()
  }

  /// Each setting as JSON text.
  private var fields: [String: String]? {
    guard let data = try? JSONText.data(self),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    else { return nil }
    return object.mapValues { value in
      let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
      return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }
}

extension SequenceSettings.Video {
  fileprivate init(_ video: VideoFrames.Video, firstFrame: Int) {
    self.init(
      bytes: video.byteCount, codec: video.codec, width: video.width, height: video.height, rotation: video.rotation,
      rate: video.rate.map { "\($0)" }, matrix: video.colors.matrix, fullRange: video.colors.isFullRange,
      timecode: video.timecode, firstFrame: firstFrame)
  }
}
