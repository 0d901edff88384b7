package import TensorCore
package import TensorKernels

/// M2FP, Mask2Former for Parsing (Yang et al., arXiv 2301.00394): ResNet, pixel decoder, masked-attention decoder.
///
/// The network is immutable: any number of passes may run at the same time, each with its own arena.
package struct M2FPNetwork: Sendable {
  package let configuration: Configuration
  /// Arithmetic of the fp32 layers: `reproducible` if the network has int8 layers, else `fastest`.
  private let arithmetic: Arithmetic
  let backbone: ResNet
  let pixelDecoder: PixelDecoder
  let transformerDecoder: MultiScaleMaskedTransformerDecoder

  /// Height and width of the input must be multiples of this, the stride of `res5`.
  package static let sizeDivisibility = 32

  /// - Parameters:
  ///   - backend: Kernels that the layers with weights compute with.
  ///   - pool: Threads to pack weights on; `nil` for the caller's alone.
  /// - Throws: `M2FPError` or `CheckpointError` that names the tensor that cannot be used.
  package init(_ file: WeightsFile, backend: KernelBackend = .best, pool: WorkerPool? = nil) throws {
    let reader = try WeightsReader(file, backend: backend, pool: pool)
    let builder = NetworkBuilder(reader, prunedWidths: file.configuration.model.prunedWidths)
    try self.init(file.configuration, reader.arithmetic, builder)
  }

  init(_ configuration: Configuration, _ arithmetic: Arithmetic, _ builder: NetworkBuilder) throws {
    self.configuration = configuration
    self.arithmetic = arithmetic
    let model = configuration.model
    let image = builder.tensor("image", channels: 3, .pixels(strides: [1]))
    backbone = try ResNet(model.backbone, image, builder.scope("backbone"))
    let head = builder.scope("sem_seg_head")
    pixelDecoder = try PixelDecoder(model.pixelDecoder, backbone.outputs, head.scope("pixel_decoder"))
    transformerDecoder = try MultiScaleMaskedTransformerDecoder(
      model.decoder, pixelDecoder.outputs, head.scope("predictor"))
  }

  /// One forward pass.
  ///
  /// - Parameters:
  ///   - image: (H, W, 3), RGB, normalized and padded; H and W multiples of `sizeDivisibility`.
  ///   - context: The arena and the threads that the pass runs on.
  ///   - forwardHook: Called after every stage; what it throws ends the pass.
  /// - Returns: Class logits (queries, classes + 1) and mask logits (queries, H/4, W/4).
  package func callAsFunction(
    _ image: consuming Tensor<Float>, _ context: ExecutionContext, forwardHook: ForwardHook? = nil
  ) throws -> M2FPOutput {
    let context = context.with(arithmetic)
    let features = try backbone(image, context, forwardHook: forwardHook)
    let pixels = pixelDecoder(features, context)
    if let forwardHook {
      try forwardHook("mask_features", .floats(pixels.maskFeatures.map))
      for index in pixels.levels.indices { try forwardHook("level\(index)", .floats(pixels.level(index))) }
    }
    return try transformerDecoder(pixels, context, forwardHook: forwardHook)
  }
}

/// A closure that is called after every stage of the network with the stage's name and its value, which is int8 in the
/// backbone of an int8 network. An error that it throws ends the pass.
///
/// Names are those of the reference: `stem`, `res2` … `res5`, `mask_features`, `level0` …, `layer0.pred_logits` …,
/// `pred_logits`, `pred_masks`. Golden tests compare values, `bench` measures times, deadlines throw.
package typealias ForwardHook = (_ stage: String, _ value: FeatureView) throws -> Void
