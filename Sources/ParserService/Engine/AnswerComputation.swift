package import Foundation
package import HumanParsing
package import ImageCoding
import NIOCore

/// From the bytes of a picture to an answer: decoding, the network, and what the client asked for.
package struct AnswerComputation: Sendable {
  let parser: HumanParser
  let limits: ImageLimits

  package init(parser: HumanParser, limits: ImageLimits) {
    self.parser = parser
    self.limits = limits
  }

  package func callAsFunction(
    _ image: Data, _ options: ParseOptions, _ context: ParsingEngine.WorkContext
  ) throws -> ParseAnswer {
    try context.check()
    let start = ContinuousClock.now
    let photo = try ImageDecoder.decode(bytes: image, name: "the picture", limits: limits).image
    let decoded = ContinuousClock.now
    var parsing = try parser.parse(photo, threads: context.threads, check: context.check)
    parsing.timings.decode = (decoded - start) / .milliseconds(1)
    let parsed = ContinuousClock.now
    let rendering = Rendering(
      parsing: parsing, photo: photo, options: options, weights: parser.model.name, context: context)
    let body = try rendering.body()
    var timings = parsing.timings
    timings.encode = (ContinuousClock.now - parsed) / .milliseconds(1)
    return ParseAnswer(form: options.form, body: body, timings: timings)
  }
}
