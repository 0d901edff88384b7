package import M2FP

/// What `m2fp quantize` did.
package struct QuantizationReport: Encodable, Sendable {
  /// Names of the files.
  package var source: String
  package var output: String
  /// As it stands in the file.
  package var record: QuantizationRecord
  /// Pictures that the networks were compared on.
  package var comparedPictures: Int
  /// Share of the pixels of people that have the same class in both networks' label maps; nil where none were compared.
  package var agreement: Double?

  private enum CodingKeys: String, CodingKey {
    case source, output, agreement
    case record = "quantization"
    case comparedPictures = "compared_pictures"
  }
}
