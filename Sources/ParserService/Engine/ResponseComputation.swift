package import Foundation
package import HumanParsing
package import ImageCoding
import NIOCore

/// Computation of a response from the bytes of a picture: decoding, the network, and rendering of the requested results.
package struct ResponseComputation: Sendable {
  let parser: HumanParser
  let limits: ImageLimits

  package init(parser: HumanParser, limits: ImageLimits) {
    self.parser = parser
    self.limits = limits
  }

  package func callAsFunction(
    _ image: Data, _ options: ParseOptions, _ context: ParsingEngine.WorkContext
  ) throws -> EncodedResponse {
    try context.check()
    let start = ContinuousClock.now
    let picture = try ImageDecoder.decode(bytes: image, name: "the picture", limits: limits)
    let photo = picture.image
    let decoded = ContinuousClock.now
    var parsing = try parser.parse(photo, threads: context.threads, detail: options.detail, check: context.check)
    parsing.timings.decode = (decoded - start) / .milliseconds(1)
    let parsed = ContinuousClock.now
    let renderer = ResponseRenderer(
      parsing: parsing, photo: photo, alpha: picture.alpha, options: options, weights: parser.model.name,
      context: context)
    let body = try renderer.body()
    var timings = parsing.timings
    timings.encode = (ContinuousClock.now - parsed) / .milliseconds(1)
    return EncodedResponse(form: options.form, body: body, timings: timings)
  }
}
