import Checkpoints
import M2FP
import TensorCore

/// A file of what the network says of a frame, so that another process makes the same people and parts of it: a
/// safetensors file of the logits, the masks on the network's grid and the queries' descriptions, in float32, and a note.
package enum ObservationFile {
  private static let (logits, masks, embeddings) = ("logits", "masks", "embeddings")
  private static let (note, geometry) = ("note", "geometry")

  /// Writes a file, which appears whole or not at all.
  ///
  /// - Parameters:
  ///   - observation: `nil` for a frame without, of which there is the note alone.
  ///   - note: Text that belongs to the frame.
  /// - Throws: `CheckpointError` with code `notWritten`.
  package static func write(_ observation: FrameObservation?, note: String, to path: String) throws {
    guard let observation else { return try SafetensorsWriter.write([], metadata: [Self.note: note], to: path) }
    let output = observation.output
    let masks = SafetensorsWriter.Entry(
      name: Self.masks, elementType: .float32, shape: [output.queries, output.maskHeight, output.maskWidth]
    ) { target in
      output.predMasks.withElements { target.copyBytesOutOfLine(from: UnsafeRawBufferPointer($0)) }
    }
    try SafetensorsWriter.write(
      [
        .init(name: logits, shape: [output.queries, output.classes + 1], floats: output.predLogits),
        masks,
        .init(
          name: embeddings, shape: [output.queries, output.queryEmbeddings.count / max(output.queries, 1)],
          floats: output.queryEmbeddings),
      ], metadata: [Self.note: note, geometry: observation.geometry.text], to: path)
  }

  /// The note of a file; `nil` if the file has none. The rest is not read.
  ///
  /// - Throws: `CheckpointError` for a file that is not whole, or none of this kind.
  package static func note(in path: String) throws -> String? { try SafetensorsFile(path: path).metadata[note] }

  /// The observation of a file; `nil` if it has none.
  ///
  /// - Throws: `CheckpointError` for a file that is not whole, or none of this kind.
  package static func observation(in path: String) throws -> FrameObservation? {
    // Not mapped: another task may replace the file.
    let file = try SafetensorsFile(path: path, memoryMapped: false)
    guard let text = file.metadata[geometry] else { return nil }
    guard let geometry = InputGeometry(text: text), let logits = file[name: logits], let masks = file[name: masks],
      let embeddings = file[name: embeddings], logits.shape.count == 2, masks.shape.count == 3,
      logits.shape[0] > 0, logits.shape[1] > 1, masks.shape[0] == logits.shape[0], masks.shape[1] > 0,
      masks.shape[2] > 0, embeddings.shape.first == logits.shape[0],
      [logits, masks, embeddings].allSatisfy({ $0.elementType == .float32 })
    else {
      throw CheckpointError(.mismatch, "\(path) does not hold what the network says of a frame.")
    }
    let (values, planes) = (try logits.floats(), try masks.floats())
    var output = M2FPOutput(
      queries: logits.shape[0], classes: logits.shape[1] - 1, predLogits: values,
      predMasks: Constant<Float>(count: planes.count) { _ = $0.initialize(fromContentsOf: planes) },
      maskHeight: masks.shape[1], maskWidth: masks.shape[2])
    output.queryEmbeddings = try embeddings.floats()
    return FrameObservation(output: output, geometry: geometry)
  }
}

extension InputGeometry {
  /// All sizes, separated by spaces.
  fileprivate var text: String {
    [
      paddedHeight, paddedWidth, rows.lowerBound, rows.upperBound, columns.lowerBound, columns.upperBound,
      sourceHeight, sourceWidth,
    ].map(String.init).joined(separator: " ")
  }

  /// `nil` unless the text has the sizes of a picture within an input.
  fileprivate init?(text: String) {
    let sizes = text.split(separator: " ").compactMap { Int($0) }
    guard sizes.count == 8, sizes.allSatisfy({ (0...1 << 24).contains($0) }), sizes[2] < sizes[3],
      sizes[3] <= sizes[0], sizes[4] < sizes[5], sizes[5] <= sizes[1], sizes[6] > 0, sizes[7] > 0
    else { return nil }
    self.init(
      paddedHeight: sizes[0], paddedWidth: sizes[1], rows: sizes[2]..<sizes[3], columns: sizes[4]..<sizes[5],
      sourceHeight: sizes[6], sourceWidth: sizes[7])
  }
}
