import Foundation
import ImageCoding
import MaskMerging

/// How layers and cutouts hold what is transparent.
struct LayerForm: Sendable, Equatable {
  /// Pixels by which the colors of edges are carried outwards.
  var edgeExtension = 0
  var isPremultiplied = false
}

/// A picture with straight alpha, of 8 or 16 bits, and the profile of its colors.
struct PhotoLayer {
  enum Pixels {
    case eight(RGBAImage)
    case sixteen(RGBA16Image)
  }

  let pixels: Pixels
  /// `nil` for sRGB.
  let profile: ColorProfile?

  /// The photo with a matte, times its own alpha, as alpha.
  init(of photo: Photo, under matte: Matte) throws {
    profile = photo.profile
    switch photo.colors {
    case .eight(let colors):
      let layer = try matte.layer(of: colors)
      pixels = .eight(try photo.alpha.map(layer.multipliedAlpha(by:)) ?? layer)
    case .sixteen(let colors):
      let layer = try matte.layer(of: colors)
      pixels = .sixteen(try photo.alpha16.map(layer.multipliedAlpha(by:)) ?? layer)
    }
  }

  /// The PNG file. Colors under an alpha of 0 are those of edges, or black.
  func pngData(_ form: LayerForm, compression: PNGCompression = .balanced) throws -> Data {
    switch pixels {
    case .eight(let image):
      let layer = try image.extendingEdges(by: form.edgeExtension)
      return try (form.isPremultiplied ? layer.premultiplied() : layer).pngData(
        compression: compression, profile: profile, isPremultiplied: form.isPremultiplied)
    case .sixteen(let image):
      let layer = try image.extendingEdges(by: form.edgeExtension)
      return try (form.isPremultiplied ? layer.premultiplied() : layer).pngData(
        compression: compression, profile: profile, isPremultiplied: form.isPremultiplied)
    }
  }

  /// The PNG file of the layer over a picture of sRGB, which is scaled to cover it.
  func pngData(over picture: RGBImage) throws -> Data {
    switch pixels {
    case .eight(let layer):
      let background = try own(picture.scaledToFill(width: layer.width, height: layer.height))
      return try layer.composited(over: background).pngData(profile: profile)
    case .sixteen(let layer):
      let background = try own(picture.scaledToFill(width: layer.width, height: layer.height))
      return try layer.composited(over: background).pngData(profile: profile)
    }
  }

  /// The PNG file of the layer over a color of sRGB.
  func pngData(over color: ColorArgument) throws -> Data {
    let (color, opacity) = (try color.color.inProfile(profile), color.opacity)
    switch (pixels, opacity) {
    case (.eight(let layer), 255): return try layer.composited(over: color).pngData(profile: profile)
    case (.sixteen(let layer), 255): return try layer.composited(over: color).pngData(profile: profile)
    case (.eight(let layer), _):
      return try layer.composited(over: color, opacity: opacity).pngData(profile: profile)
    case (.sixteen(let layer), _):
      return try layer.composited(over: color, opacity: opacity).pngData(profile: profile)
    }
  }

  /// A picture of sRGB in the layer's color space.
  private func own(_ picture: RGBImage) -> RGBImage {
    var picture = picture
    profile?.replaceSRGB(of: &picture)
    return picture
  }
}

extension RGBColor {
  /// The color of sRGB in a profile; `nil` for that of sRGB.
  func inProfile(_ profile: ColorProfile?) throws -> RGBColor {
    var pixel = try RGBImage(width: 1, height: 1, filledWith: (red, green, blue))
    profile?.replaceSRGB(of: &pixel)
    return RGBColor(red: pixel.pixels[0], green: pixel.pixels[1], blue: pixel.pixels[2])
  }
}

extension Photo {
  /// The PNG file of the photo with a look changed where a matte covers it. Its own alpha stays.
  ///
  /// - Parameter adjustments: The changes, for colors of the given profile.
  func adjusted(where matte: Matte, with adjustments: (ColorProfile?) throws -> [Adjustment]) throws -> Data {
    let adjustments = try adjustments(profile)
    switch colors {
    case .eight(let colors):
      let changed = try colors.adjusted(with: adjustments, where: matte)
      return try alpha.map { try changed.withAlpha($0).pngData(profile: profile) } ?? changed.pngData(profile: profile)
    case .sixteen(let colors):
      let changed = try colors.adjusted(with: adjustments, where: matte)
      return try alpha16.map { try changed.withAlpha($0).pngData(profile: profile) }
        ?? changed.pngData(profile: profile)
    }
  }
}
