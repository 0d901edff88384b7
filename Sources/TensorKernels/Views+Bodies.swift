import TensorCore
import TensorKernelBodies

// The views as the vector bodies know them, whose module has no tensors.

extension Matrix {
  var floatRows: FloatRows { FloatRows(base, stride: rowStride) }
}

extension FeatureMap<Float> {
  var source: ImageSource { ImageSource(base, height: height, width: width, channels: channels) }
}
