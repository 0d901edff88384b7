import HummingbirdCore
import MaskMerging
import ParserService
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct QueryTests {
  private let classes: [Label] = [.background, .hair, .face, .leftArm, .rightArm, .human]

  private func options(_ query: String, _ acceptance: ParseOptions.Acceptance = .json) throws -> ParseOptions {
    try ParseOptions(
      Query(
        URI("/api/parse?" + query), allowing: ["parts", "people", "palette", "order", "smoothing", "detail", "output"]),
      classes: classes, acceptance: acceptance, masksOnly: false)
  }

  @Test func nothingIsTheStandard() throws {
    #expect(try options("") == ParseOptions(form: .parse))
    #expect(try options("&") == ParseOptions(form: .parse))
  }

  /// As forms encode it: names too, and spaces as plus signs.
  @Test(arguments: [
    "p%61rts=hair,+face&people=1,+3", "parts=hair,%20face&%70eople=1,%203", "parts=Hair,face&people=1,3",
  ])
  func encodedNamesAndSpacesAreRead(query: String) throws {
    let found = try options(query)
    #expect(found.parts == [.hair, .face] && found.people == [1, 3])
  }

  @Test func everyParameterIsRead() throws {
    var expected = ParseOptions(form: .archive([.people, .labels]))
    expected.parts = [.hair, .leftArm, .rightArm]
    expected.people = [1, 3]
    expected.palette = .lip
    expected.order = .byArea
    expected.smoothing = .median3x3
    expected.detail = .auto
    #expect(
      try options(
        "parts=Hair,%40arms&people=1,3&palette=lip&order=area&smoothing=median&detail=auto&output=people,labels", .zip)
        == expected)
    #expect(try options("output=cutout", .png).form == .picture(.cutout))
    #expect(try options("", .png).form == .picture(.color))
  }

  @Test(arguments: [
    ("colour=red", ParseOptions.Acceptance.json), ("palette=lip&palette=film", .json), ("palette=neon", .json),
    ("palette", .json), ("parts=tail", .json), ("parts=", .json), ("people=0", .json), ("people=x", .json),
    ("people=1,", .json), ("people=99999999999999999999", .json), ("order=name", .json), ("smoothing=9", .json),
    ("detail=1", .json),
    ("output=color", .json), ("output=json", .png), ("output=color,labels", .png), ("output=sound", .zip),
    ("output=", .zip), ("parts=%ff", .json),
  ])
  func whatMakesNoSenseIsRefused(query: String, acceptance: ParseOptions.Acceptance) throws {
    #expect(#expect(throws: ServiceError.self) { try options(query, acceptance) }?.code == .badRequest)
  }

  @Test(arguments: [
    (nil, ParseOptions.Acceptance.json), ("", .json), ("*/*", .json), ("application/json", .json), ("image/png", .png),
    ("image/*", .png), ("application/zip", .zip), ("application/zip;q=0.5, image/png;q=0.6", .png),
    ("text/html, image/png;q=0.8, */*;q=0.1", .png), ("text/html, image/gif, *; q=.2", .json), ("IMAGE/PNG", .png),
    ("image/png;q=0, */*", .json),
  ])
  func acceptance(header: String?, expected: ParseOptions.Acceptance) throws {
    #expect(try ParseOptions.Acceptance(header: header) == expected)
  }

  @Test(arguments: ["text/html", "image/jpeg", "image/png;q=0", "nonsense", "image/png;q=nan"])
  func whatCannotBeAnsweredIsRefused(header: String) throws {
    #expect(#expect(throws: ServiceError.self) { try ParseOptions.Acceptance(header: header) }?.code == .notAcceptable)
  }

  @Test(arguments: 0..<4) func fuzz(seed: UInt64) throws {
    var mutator = ImageMutator(seed: seed)
    let query = "parts=Hair,%40arms&people=1,3&palette=lip&order=area&smoothing=median&detail=auto&output=people,labels"
    let header = "text/html, application/zip;q=0.5, image/png; q=0.6, */*;q=0.1"
    for _ in 0..<5000 {
      // Both throw only `ServiceError`.
      _ = try? options(String(decoding: mutator.mutant(of: Array(query.utf8)), as: UTF8.self), .zip)
      _ = try? ParseOptions.Acceptance(
        header: String(decoding: mutator.mutant(of: Array(header.utf8)), as: UTF8.self))
    }
  }
}
