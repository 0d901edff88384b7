// Readers of OpenEXR plates.

import ImageCoding

let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "exr": { bytes in
    do {
      var limits = ImageLimits()
      limits.maximumPixels = 1 << 20
      let plate = try bytes.withUnsafeBytes { try EXRPlate($0, name: "fuzz", limits: limits) }
      let count = plate.width * plate.height
      require(count > 0 && count <= limits.maximumPixels && plate.pixels.count == 4 * count, "\(count) pixels")
      _ = (try plate.image(PlateView()), try plate.alpha(), try plate.inRec709().image(PlateView()))
    } catch {
      require(error is ImageCodingError, "\(error)")
    }
  }
]
