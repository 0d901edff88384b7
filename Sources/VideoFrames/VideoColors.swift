/// How the colors of a video become RGB.
package struct VideoColors: Sendable, Equatable {
  /// Matrix of Y′CbCr as ffmpeg's `scale` filter names it; `nil` for a video of RGB.
  package let matrix: String?
  /// Whether samples span all values of their bits; else black is 16 and white 235 of 255.
  package let isFullRange: Bool
  /// What the file does not say and is assumed, and what is not taken into account.
  package let notes: [String]

  /// - Parameters:
  ///   - pixelFormat: As ffmpeg names it, such as `yuv422p10le`.
  ///   - space: The file's matrix as ffprobe names it; `nil` if it has none.
  ///   - range: `tv` or `pc`; `nil` if the file does not say.
  ///   - transfer: The file's transfer characteristics as ffprobe names them.
  init(pixelFormat: String, space: String?, range: String?, transfer: String?, width: Int, height: Int) {
    var notes: [String] = []
    let isRGB = ["gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr"].contains {
      pixelFormat.hasPrefix($0)
    }
    let isHD = width >= 1280 || height >= 720
    switch space {
    case _ where isRGB: matrix = nil
    case "bt709": matrix = "bt709"
    case "smpte170m", "bt470bg": matrix = "bt601"
    case "smpte240m": matrix = "smpte240m"
    case "fcc": matrix = "fcc"
    case "bt2020nc", "bt2020c", "bt2020_ncl", "bt2020_cl": matrix = "bt2020"
    case let other:
      matrix = isHD ? "bt709" : "bt601"
      let found = other.map { $0 == "unknown" ? "no color matrix" : "the color matrix \($0)" } ?? "no color matrix"
      notes.append("the video names \(found); \(isHD ? "BT.709" : "BT.601") is assumed")
    }
    isFullRange = isRGB || range == "pc" || pixelFormat.hasPrefix("yuvj")
    if transfer == "smpte2084" || transfer == "arib-std-b67" {
      notes.append("the video is HDR (\(transfer == "smpte2084" ? "PQ" : "HLG")); its samples are taken as they are")
    }
    self.notes = notes
  }

  /// The options of ffmpeg's `scale` filter that make full-range RGB of the video.
  var filterOptions: String {
    let source = matrix.map { "in_color_matrix=\($0):" } ?? ""
    return source + "in_range=\(isFullRange ? "full" : "limited"):out_range=full"
      + ":flags=bicubic+accurate_rnd+full_chroma_int"
  }
}
