import EXRFiles
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

  /// A matte by the name that its layer has; `nil` for one of nobody.
  typealias Layer = (name: String, matte: () throws -> Matte?)

  /// Layers of a file: of everybody, of parts and groups, of people, and of parts of people if parts are selected.
  ///
  /// - Parameter people: Numbers of people, and their indices in the picture; `nil` for those who are not in it.
  static func layers(
    of mattes: ChosenMattes, _ selection: Selection, people: [(number: Int, index: Int?)]
  ) -> [Layer] {
    let masks = selection.masks
    var layers: [Layer] = [("person", { try mattes.matte(of: [.human]) })]
    for (name, labels) in masks { layers.append((name, { try mattes.matte(of: labels) })) }
    for (number, index) in people {
      layers.append((SequenceFolder.person(number), { try index.map { try mattes.matte(ofPerson: $0) } }))
    }
    guard selection.isOfParts else { return layers }
    for (number, index) in people {
      for (name, labels) in masks {
        let layer = SequenceFolder.part(name, ofPerson: number)
        layers.append((layer, { try index.map { try mattes.matte(of: labels, ofPerson: $0) } }))
      }
    }
    return layers
  }

  /// A file with the picture in linear values, multiplied by a matte, and a layer for each of others.
  ///
  /// - Parameters:
  ///   - picture: The picture.
  ///   - person: The matte of what the picture shows.
  ///   - layers: The layers; their names are made fit for compositors.
  func image(of picture: EXRPicture, person: Matte, _ layers: [Layer]) throws -> EXRImage {
    let beauty = picture.layer(under: person.values, isStraight: isStraight)
    var channels = "RGBA".enumerated().map { index, name in
      EXRSampledChannel(String(name), beauty, first: index, stride: 4)
    }
    let nothing = EXRSamples(halves: person.width * person.height) { _ in }
    for (name, layer) in zip(EXRName.layers(layers.map(\.name)), layers) {
      let samples = try layer.matte().map { EXRSamples(halving: $0.values) } ?? nothing
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
