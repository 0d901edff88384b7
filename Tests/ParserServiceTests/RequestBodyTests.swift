import Foundation
import ParserService
import TestSupport
import Testing

/// Extraction of pictures from request bodies.
@Suite(.timeLimit(.minutes(10))) struct RequestBodyTests {
  private static let boundary = "x-boundary"

  private static func form(_ fields: [(name: String, content: String)], end: String = "--") -> String {
    fields.map { field in
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field.name)\"; filename=\"a.png\"\r\n"
        + "Content-Type: image/png\r\n\r\n\(field.content)\r\n"
    }.joined() + "--\(boundary)\(end)\r\n"
  }

  private func image(_ body: String, _ type: String?) throws -> String {
    String(decoding: try ImageBody.image(in: Data(body.utf8), contentType: type), as: UTF8.self)
  }

  @Test(arguments: [
    ("pixels", nil), ("pixels", "image/jpeg"), ("pixels", "application/octet-stream"),
    (#"{"image": "cGl4ZWxz"}"#, "application/json; charset=utf-8"),
    (#"{"image": "data:image/png;base64,cGl4ZWxz", "more": [1]}"#, "Application/JSON"),
    (#"{"image": "Data:image/png;BASE64,cGl4ZWxz"}"#, "application/json"),
    (#" {"a": [{"b": {}}, [], -1.5e+3, true, null, "\"]"], "image" : "cGl\u0034ZW\u0078z" } "#, "application/json"),
    (#"{"image": 7, "image": "cGl4ZWxz"}"#, "application/json"),
    // As clients write base64: with line breaks, for URLs, without padding; and JSON with a byte order mark.
    ("\u{feff}{\"image\": \"cGl4ZWxz\"}", "application/json"),
    (#"{"image": "cGl4\r\nZWxz\r\n"}"#, "application/json"), (#"{"image": " cGl4 ZWxz "}"#, "application/json"),
    (form([("file", "pixels")]), "multipart/form-data; boundary=x-boundary"),
    (form([("other", "x"), ("file", "pixels")]), "multipart/form-data; charset=\"a;b\"; boundary=\"x-boundary\""),
    ("preamble\r\n" + form([("file", "pixels")]) + "epilogue", "multipart/form-data;boundary=x-boundary"),
  ])
  func aPictureIsFound(body: String, type: String?) throws {
    #expect(try image(body, type) == "pixels")
  }

  /// As Latin-1 clients, folding ones and old ones write the header of a field.
  @Test(arguments: [
    Data("Content-Disposition: form-data; name=\"file\"; filename=\"caf".utf8) + [0xE9] + Data(".png\"".utf8),
    Data("Content-Disposition: form-data;\r\n name=\"file\";\r\n\tfilename=\"a.png\"".utf8),
    Data("Content-Disposition: form-data; name=file; filename*=UTF-8''caf%C3%A9.png".utf8),
    Data("Content-Transfer-Encoding: Binary\r\nContent-Disposition: form-data; name=file".utf8),
  ])
  func theHeaderOfAFieldIsRead(header: Data) throws {
    let body = Data("--b\r\n".utf8) + header + Data("\r\n\r\npixels\r\n--b--\r\n".utf8)
    #expect(try ImageBody.image(in: body, contentType: "multipart/form-data; boundary=b") == Data("pixels".utf8))
  }

  @Test(arguments: ["+/79_w==", "-_79_w", "-_79_w==", "+/79/w"])
  func bothAlphabetsAreRead(text: String) throws {
    let body = Data("{\"image\": \"\(text)\"}".utf8)
    #expect(try ImageBody.image(in: body, contentType: "application/json") == Data([0xFB, 0xFE, 0xFD, 0xFF]))
  }

  @Test func aFormKeepsEveryByte() throws {
    let content = Data((0...255).map { UInt8($0) }) + Data("\r\n--x-boundar\r\n\r\n".utf8)
    var body = Data("--x-boundary\r\ncontent-disposition:form-data;name=file\r\n\r\n".utf8)
    body += content + Data("\r\n--x-boundary--".utf8)
    #expect(try ImageBody.image(in: body, contentType: "multipart/form-data; boundary=x-boundary") == content)
  }

  @Test(arguments: [
    ("", nil), ("{", "application/json"), ("[]", "application/json"), (#"{"image": 7}"#, "application/json"),
    (#"{"image": ""}"#, "application/json"), (#"{"image": "cGl4ZWxzc"}"#, "application/json"),
    (#"{"image": "cGl4Z=Wx"}"#, "application/json"), (#"{"image": "cGl4\u+04aZWxz"}"#, "application/json"),
    (#"{"image": "data:cGl4ZWxz"}"#, "application/json"), (#"{"image": "c?G="}"#, "application/json"),
    (String(repeating: "[", count: 100_000), "application/json"),
    (
      #"{"a": \#(String(repeating: "[", count: 70))\#(String(repeating: "]", count: 70)), "image": "cGl4ZWxz"}"#,
      "application/json"
    ),
    (#"{"image": "cGl4ZWxz"} x"#, "application/json"), (#"{"image": "cGl4ZWxz",}"#, "application/json"),
    (#"{"image": "cGl4ZWxz", "a": [1,]}"#, "application/json"),
    (#"{"image": "cGl4ZWxz", "a": 01}"#, "application/json"),
    (#"{"image": "cGl4ZWxz", "a": {"b" 1}}"#, "application/json"), (#"{"image": "cGl4\x"}"#, "application/json"),
    (#"{"image": "cGl4ZWxz", "a": [1}"#, "application/json"), (#"{"a": "cGl4ZWxz"}"#, "application/json"),
    ("{\"image\": \"cGl4\nZWxz\"}", "application/json"), (#"{"image": "cGl4ZWxz", "image": null}"#, "application/json"),
    (form([("file", "x")]), "multipart/form-data"), (form([("file", "x")]), "multipart/form-data; boundary="),
    (form([("file", "x")]), "multipart/form-data; boundary=other"),
    (form([("photo", "x")]), "multipart/form-data; boundary=x-boundary"),
    (form([("file", "x"), ("file", "y")]), "multipart/form-data; boundary=x-boundary"),
    (form([("file", "x")], end: ""), "multipart/form-data; boundary=x-boundary"),
    (form(Array(repeating: ("a", "b"), count: 40)), "multipart/form-data; boundary=x-boundary"),
    ("--x-boundary\r\nno colon\r\n\r\nx\r\n--x-boundary--", "multipart/form-data; boundary=x-boundary"),
    ("--x-boundary\r\n\r\nx\r\n--x-boundary--", "multipart/form-data; boundary=x-boundary"),
    ("--x-boundary--", "multipart/form-data; boundary=x-boundary"),
    (
      "--b\r\nContent-Disposition: form-data; name=file\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--",
      "multipart/form-data; boundary=b"
    ),
  ])
  func malformedBodiesAreRefused(body: String, type: String?) throws {
    #expect(#expect(throws: ServiceError.self) { try image(body, type) }?.code == .badRequest)
  }

  @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "nonsense", "multipart/mixed; boundary=x"])
  func otherTypesAreRefused(type: String) throws {
    #expect(#expect(throws: ServiceError.self) { try image("x", type) }?.code == .unsupportedMediaType)
  }

  /// Damaged bodies are read or rejected with `ServiceError`; nothing traps.
  @Test(arguments: 0..<4) func fuzz(seed: UInt64) throws {
    var mutator = ImageMutator(seed: seed)
    let bodies: [(String, String)] = [
      (
        #"{"image": "data:image/png;base64,cGl4ZWxzcGl4ZWxz", "more": {"a": [1, 2.5e7, null, "\u00e9", {"b": {}}]}}"#,
        "application/json"
      ),
      (Self.form([("other", "x"), ("file", "pixels")]), "multipart/form-data; boundary=\"x-boundary\"; a=\"b\\\"c\""),
    ]
    for round in 0..<8000 {
      let (body, type) = bodies[round % 2]
      let damaged = Data(mutator.mutant(of: Array(body.utf8)))
      let header = round % 3 == 0 ? String(decoding: mutator.mutant(of: Array(type.utf8)), as: UTF8.self) : type
      _ = try? ImageBody.image(in: damaged, contentType: header)
    }
  }
}
