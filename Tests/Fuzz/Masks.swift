import Foundation

// Text formats of masks and colors.

let targets: [String: @Sendable ([UInt8]) -> Void] = [
  "palette": { bytes in
    do { _ = try Palette(text: Data(bytes)) } catch { require(error is MaskMergingError, "\(error)") }
  },
  // Two bytes are the size of the mask.
  "run-lengths": { bytes in
    guard bytes.count > 2, let text = String(validating: bytes[2...], as: UTF8.self) else { return }
    let (width, height) = (Int(bytes[0]), Int(bytes[1]))
    guard let runs = try? RunLengths(compressed: text, width: width, height: height) else { return }
    require(runs.counts.reduce(0, +) == width * height, "\(runs.counts)")
    let mask = runs.mask
    require(mask.width == width && mask.height == height, "\(mask.width) × \(mask.height)")
    // Runs of no pixels are joined; then both directions agree.
    let again = RunLengths(mask)
    require(again.mask.area == mask.area, "\(mask.area) pixels became \(again.mask.area)")
    require((try? RunLengths(compressed: again.compressed, width: width, height: height)) == again, again.compressed)
  },
  "coco": { bytes in
    guard let document = try? JSONDecoder().decode(COCODocument.self, from: Data(bytes)) else { return }
    guard let text = try? document.json() else { return }
    require((try? JSONDecoder().decode(COCODocument.self, from: text)) != nil, "what was written is not read")
  },
]
