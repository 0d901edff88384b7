import BenchmarkSupport
import Foundation
import ImageCoding
import MaskMerging

/// Writes a scene and the library's results to files, so that other programs can be measured on the same work.
struct MaskFiles {
  let scene: MaskScene
  let refinement: MatteRefinement

  /// Parameters of the work, for the other programs.
  private struct Plan: Encodable {
    /// Red, green and blue of each mask, in the order in which they are painted.
    let colors: [[UInt8]]
    let radius: Int?
    let epsilon: Float
    let subsampling: Int?
  }

  func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try scene.photo.write(to: folder.appending(path: "photo.png"))
    let mattes = try MatteSet(scene.masks, of: scene.photo, refinement: refinement).mattes
    // The masks come most confident first, and that one is painted last.
    for (number, index) in scene.masks.indices.reversed().enumerated() {
      try scene.masks[index].alpha8().write(to: folder.appending(path: name("mask", number)))
      try mattes[index].image8().write(to: folder.appending(path: name("matte", number)))
    }
    try mergeMasks(scene.masks, labels: scene.labels, smoothing: .median3x3)
      .write(to: folder.appending(path: "color.png"))
    try coco().write(to: folder.appending(path: "masks.coco.json"))
    let colors = try scene.labels.reversed().map { label in
      let color = try Palette.film.color(of: label)
      return [color.red, color.green, color.blue]
    }
    let plan = Plan(
      colors: colors, radius: refinement.radius, epsilon: refinement.epsilon, subsampling: refinement.subsampling)
    try Data(jsonText(of: plan).utf8).write(to: folder.appending(path: "plan.json"))
  }

  /// The masks as annotations, in the order of their files.
  private func coco() throws -> Data {
    let labels = Array(Set(scene.labels)).sorted { $0.name < $1.name }
    let annotations = scene.masks.indices.reversed().enumerated().map { number, index in
      COCODocument.Annotation(
        id: number + 1, imageID: 1, categoryID: labels.firstIndex(of: scene.labels[index]) ?? 0,
        mask: scene.masks[index].hard(), score: 1)
    }
    return try COCODocument(
      images: [.init(id: 1, fileName: "photo.png", width: MaskScene.width, height: MaskScene.height)],
      categories: labels.enumerated().map { .init(id: $0.offset, name: $0.element.name) }, annotations: annotations
    ).json()
  }

  private func name(_ kind: String, _ number: Int) -> String { String(format: "%@-%02d.png", kind, number) }
}
