import EXRFiles
import HumanParsing
import ImageCoding
import MaskMerging

/// Channels of a layer that hold its matte.
enum MatteChannel: String, CaseIterable {
  case red = "R"
  case alpha = "A"
  case all = "RGBA"
}

/// How OpenEXR files of mattes are written.
struct EXRForm {
  var channel = MatteChannel.red
  var compression = EXRCompression.zip
  /// Whether the picture's colors are not multiplied by its alpha.
  var isStraight = false

  /// The layers of a file.
  struct Layers {
    /// The matte of everybody, by which the picture's colors are multiplied.
    let everybody: Matte
    /// Mattes and the names of their layers; `nil` for those of nobody.
    let mattes: [(name: String, matte: Matte?)]
  }

  /// Layers of everybody, of parts and groups, of people, and of parts of people if parts are selected.
  ///
  /// - Parameter people: Numbers of people, and their indices in the picture; `nil` for those who are not in it.
  static func layers(
    of mattes: ChosenMattes, _ selection: Selection, people: [(number: Int, index: Int?)]
  ) throws -> Layers {
    let masks = selection.masks
    var layers: [(name: String, request: ParsingMattes.Request?)] = masks.map { ($0.name, mattes.request($0.labels)) }
    for (number, index) in people {
      layers.append((SequenceFolder.person(number), index.map { ParsingMattes.Request([.human], people: [$0]) }))
    }
    for (number, index) in selection.isOfParts ? people : [] {
      layers += masks.map { name, labels in
        (SequenceFolder.part(name, ofPerson: number), index.map { ParsingMattes.Request(labels, people: [$0]) })
      }
    }
    let made = try mattes.mattes(of: [mattes.request([.human])] + layers.compactMap(\.request))
    var others = made.dropFirst().makeIterator()
    return Layers(
      everybody: made[0],
      mattes: [("person", made[0])] + layers.map { ($0.name, $0.request == nil ? nil : others.next()) })
  }

  /// A file with the picture in linear values, multiplied by the matte of everybody, and layers, whose names are made fit
  /// for compositors.
  func image(of picture: EXRPicture, _ layers: Layers) -> EXRImage {
    let everybody = layers.everybody
    let beauty = picture.layer(under: everybody.values, isStraight: isStraight)
    var channels = "RGBA".enumerated().map { index, name in
      EXRSampledChannel(String(name), beauty, first: index, stride: 4)
    }
    let nothing = EXRSamples(halves: everybody.width * everybody.height) { _ in }
    for (name, layer) in zip(EXRName.layers(layers.mattes.map(\.name)), layers.mattes) {
      let samples = layer.matte.map { EXRSamples(halving: $0.values) } ?? nothing
      channels += self.channel.rawValue.map { EXRSampledChannel("\(name).\($0)", samples) }
    }
    return image(of: picture, channels, isStraight ? [Self.straightAlpha] : [])
  }

  /// A file of Cryptomattes, which have no other channels beside them.
  func image(of picture: EXRPicture, _ cryptomattes: [Cryptomatte]) -> EXRImage {
    image(of: picture, cryptomattes.flatMap(\.channels), cryptomattes.flatMap(\.attributes))
  }

  /// The attribute by which OpenImageIO knows straight alpha: the number 1.
  private static let straightAlpha = EXRAttribute(name: "oiio:UnassociatedAlpha", type: "int", value: [1, 0, 0, 0])

  private func image(
    of picture: EXRPicture, _ channels: [EXRSampledChannel], _ attributes: [EXRAttribute]
  ) -> EXRImage {
    EXRImage(
      dataWindow: picture.dataWindow, displayWindow: picture.displayWindow,
      pixelAspectRatio: picture.pixelAspectRatio, compression: compression, channels: channels,
      attributes: [OwnFile.attribute] + picture.attributes + attributes)
  }
}

/// The picture of an OpenEXR file: a plate, or a photograph.
struct EXRPicture {
  let photo: Photo

  private var plate: EXRPlate? { photo.plate }
  var pixelAspectRatio: Float { plate?.pixelAspectRatio ?? 1 }
  var dataWindow: EXRWindow { plate?.dataWindow ?? EXRWindow(width: photo.width, height: photo.height) }
  var displayWindow: EXRWindow { plate?.displayWindow ?? dataWindow }

  /// What the plate says beside the pixels, apart from its Cryptomattes and what wrote it.
  var attributes: [EXRAttribute] {
    (plate?.attributes ?? []).filter {
      !$0.name.hasPrefix("cryptomatte/")
        && !["software", "multiView", "view", "oiio:UnassociatedAlpha"].contains($0.name)
    }
  }

  /// Red, green, blue and alpha in linear values under a matte.
  func layer(under matte: [Float], isStraight: Bool) -> EXRSamples {
    if let plate { return .layer(of: plate, under: matte, isStraight: isStraight) }
    var matte = matte
    if let opacity = photo.opacity { for index in matte.indices { matte[index] *= opacity[index] } }
    switch photo.source?.inSRGB() ?? .eight(photo.image) {
    case .sixteen(let colors): return .layer(of: colors, under: matte, isStraight: isStraight)
    case .eight: return .layer(of: photo.image, under: matte, isStraight: isStraight)
    }
  }
}
