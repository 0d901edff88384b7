import ImageCoding

/// The channels of a file that make a picture.
struct EXRLayer: Equatable {
  enum Colors: Equatable {
    /// Names of red, green and blue.
    case rgb(String, String, String)
    /// Name of the only channel.
    case gray(String)
    /// Luminance, and chroma of half the size.
    case luminanceChroma
  }

  /// Index of the part.
  var part: Int
  /// What the user calls it: the name of the part, of the layer in it, or both; empty for unnamed channels.
  var name: String
  /// What the names of its channels begin with, without the dot.
  var prefix: String
  var colors: Colors
  var alpha: String?

  /// All layers of a file that have colors and are not deep, in its order; in a part, the unnamed one is first.
  static func all(in header: EXRHeader) -> [EXRLayer] {
    header.parts.enumerated().filter { !$0.element.isDeep }.flatMap { index, part in
      let prefixes = Set(part.channels.map { split($0.name).prefix })
      return prefixes.sorted().compactMap { EXRLayer(part, index, prefix: $0) }
    }
  }

  /// The layer that `wanted` names, or the first one.
  ///
  /// - Throws: `ImageCodingError` (`unsupported`) that lists the layers.
  static func choose(_ wanted: String?, in header: EXRHeader, name: String) throws -> EXRLayer {
    let layers = all(in: header)
    if layers.isEmpty, header.parts.contains(where: \.isDeep) {
      throw ImageCodingError(
        .unsupported, "\(name): a flat OpenEXR image was expected, found a deep one; flatten it first")
    }
    if let wanted {
      if let found = layers.first(where: { $0.name == wanted }) ?? layers.first(where: { $0.prefix == wanted }) {
        return found
      }
      let names = layers.map { $0.name.isEmpty ? "an unnamed one" : $0.name }
      throw ImageCodingError(
        .unsupported,
        "\(name): a layer \(wanted) with channels R, G and B, or Y, was expected, found the layers "
          + (names.isEmpty ? "none" : names.joined(separator: ", ")))
    }
    // Unnamed channels are the picture, wherever they are.
    if let found = layers.first(where: { $0.prefix.isEmpty }) ?? layers.first { return found }
    let channels = header.parts.flatMap(\.channels).prefix(8).map(\.name)
    throw ImageCodingError(
      .unsupported, "\(name): channels R, G and B, or Y, were expected, found \(channels.joined(separator: ", "))")
  }

  private init?(_ part: EXRPart, _ index: Int, prefix: String) {
    var channels: [String: EXRChannel] = [:]
    for channel in part.channels {
      let (layer, last) = Self.split(channel.name)
      if layer == prefix { channels[Self.role(last)] = channels[Self.role(last)] ?? channel }
    }
    if let red = channels["r"], let green = channels["g"], let blue = channels["b"] {
      colors = .rgb(red.name, green.name, blue.name)
    } else if let luminance = channels["y"] {
      colors = channels["ry"] != nil && channels["by"] != nil ? .luminanceChroma : .gray(luminance.name)
    } else {
      return nil
    }
    alpha = channels["a"]?.name
    self.part = index
    self.prefix = prefix
    name = part.name.isEmpty ? prefix : prefix.isEmpty ? part.name : "\(part.name).\(prefix)"
  }

  /// The name of a channel at its last dot.
  private static func split(_ channel: String) -> (prefix: String, last: String) {
    guard let dot = channel.lastIndex(of: ".") else { return ("", channel) }
    return (String(channel[..<dot]), String(channel[channel.index(after: dot)...]))
  }

  private static func role(_ channel: String) -> String {
    let name = channel.lowercased()
    return ["red": "r", "green": "g", "blue": "b", "alpha": "a"][name] ?? name
  }
}
