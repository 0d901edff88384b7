import ArgumentParser
import BenchmarkSupport
import Foundation
import ImageCoding
import MaskMerging
import TensorCore

/// Times the post-processing of masks, step by step.
struct MasksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "masks", abstract: "Times the post-processing of masks, step by step.",
    discussion: """
      On a made-up frame of 1920 × 1080 with the masks of twelve parts of two people. Medians of --runs runs after one \
      that is not counted.
      """)

  @Option(help: "Threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "Runs to take the median of.")
  var runs = 9

  @Flag(help: "Take the masks as 8-bit pictures at full size, instead of the network's logits on a coarse grid.")
  var fullSize = false

  @Option(
    help:
      "A folder for what goes in and comes out: photo.png, mask-NN.png, color.png, matte-NN.png, plan.json, masks.coco.json.",
    transform: { URL(filePath: $0, directoryHint: .isDirectory) })
  var write: URL?

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  func validate() throws {
    guard threads >= 1, runs >= 1 else { throw ValidationError("--threads and --runs must be at least 1") }
  }

  func run() throws {
    Bench.warnInDebug()
    let scene = try MaskScene(areFullSize: fullSize, pool: .shared(threads: threads))
    let report = MasksReport(threads: threads, runs: runs, stages: try measure(scene))
    print(json ? try jsonText(of: report) : report.table)
    if let write { try MaskFiles(scene: scene, refinement: Self.refinement).write(to: write) }
  }

  /// Explicit parameters, so that other programs can use the same; without contrast, which other guided filters lack.
  static let refinement = MatteRefinement(radius: 12, epsilon: 1e-4, subsampling: 3, contrast: 1)

  private func measure(_ scene: MaskScene) throws -> [Stage] {
    let (photo, masks, labels) = (scene.photo, scene.masks, scene.labels)
    let merged = try mergeMasks(masks, labels: labels, smoothing: .median3x3)
    let set = try MatteSet(masks, of: photo, refinement: Self.refinement)
    let people = set.sum(of: masks.indices)
    let layer = try people.layer(of: photo)
    let cleaning = MaskCleaning.usual(width: photo.width, height: photo.height)
    let clothes = set.sum(of: masks.indices.filter { labels[$0] == .upperClothes || labels[$0] == .pants })
    let changes = [try Adjustment.tint(RGBColor(red: 30, green: 90, blue: 200)), try .exposure(stops: 0.5)]
    return [
      try Stage("merge and median", runs: runs) { _ = try mergeMasks(masks, labels: labels, smoothing: .median3x3) },
      try Stage("encode the colour map as PNG", runs: runs) { _ = try merged.pngData(compression: .flat) },
      try Stage("merge, antialiased", runs: runs) {
        _ = try mergeMasks(masks, labels: labels, smoothing: .antialiased)
      },
      try Stage("mattes, guided filter", runs: runs) {
        _ = try MatteSet(masks, of: photo, refinement: Self.refinement)
      },
      Stage("clean", runs: runs) { for mask in masks { _ = mask.cleaned(cleaning) } },
      try Stage("layer, the photograph's colours", runs: runs) {
        _ = try people.layer(of: photo, edgeColors: .photograph)
      },
      try Stage("layer, foreground colours", runs: runs) { _ = try people.layer(of: photo) },
      try Stage("composite over a picture", runs: runs) { _ = try layer.composited(over: photo) },
      try Stage("adjust, tint and exposure", runs: runs) { _ = try photo.adjusted(with: changes, where: clothes) },
    ]
  }
}

/// Result of `bench masks`.
struct MasksReport: Encodable {
  let threads: Int
  let runs: Int
  let stages: [Stage]

  var table: String {
    (["\(MaskScene.width) × \(MaskScene.height), 12 masks, \(threads) threads"] + stages.map(\.line))
      .joined(separator: "\n")
  }
}
