import ArgumentParser
import EXRFiles

/// Flags for how the network is shown OpenEXR plates, which are scene-linear.
struct PlateOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Exposure of an OpenEXR plate for the network, in stops, -20 to 20; results keep the plate's values.",
      valueName: "stops"))
  var exposure: Float?

  @Option(help: ArgumentHelp("Curve from an OpenEXR plate's linear values to those of a display; srgb if absent."))
  var view: PlateView.Curve?

  @Option(
    help: ArgumentHelp(
      "Layer or part of an OpenEXR plate; the channels R, G and B, or the first layer, if absent.", valueName: "layer"))
  var channels: String?

  func validate() throws { try expect(exposure, in: -20...20, "--exposure") }

  var plateView: PlateView {
    PlateView(exposure: exposure ?? 0, curve: view ?? .srgb, layer: channels)
  }
}
