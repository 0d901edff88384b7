import Foundation
import ImageCoding
import TestSupport
import Testing

/// The API of a service process.
extension ServiceProcessTests {
  @Suite(.timeLimit(.minutes(10))) struct ServiceTests {
    private let service: ServiceProcess

    init() throws { service = try ServiceProcess("--threads", "2") }

    @Test func onePictureInEveryForm() throws {
      let picture = try Picture.photograph()
      let form =
        Data("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".utf8) + picture + Data("\r\n--b--\r\n".utf8)
      let json = try JSONSerialization.data(withJSONObject: ["image": picture.base64EncodedString()])
      let answers = [
        try service.post("/api/parse", picture), try service.post("/api/parse", picture, type: nil),
        try service.post("/api/parse", form, type: "multipart/form-data; boundary=b"),
        try service.post("/api/parse", json, type: "application/json"),
      ]
      #expect(answers.map(\.status) == [200, 200, 200, 200])
      #expect(answers.map { $0.json["cached"] as? Bool } == [false, true, true, true])
      #expect(answers.map { $0.headers["x-cache"] } == ["miss", "hit", "hit", "hit"])
      let reply = answers[0].json
      #expect(reply["success"] as? Bool == true)
      #expect(reply["width"] as? Int == 512)
      #expect(reply["height"] as? Int == 512)
      let masks = try #require(reply["masks"] as? [[String: Any]])
      let people = try #require(reply["people"] as? [[String: Any]])
      #expect(people.count == 1)
      #expect(masks.contains { $0["label"] as? String == "Hair" && $0["person"] as? Int == 1 })
      for text in [reply["merged_mask"] as? String] + (masks + people).map({ $0["mask"] as? String }) {
        let image = try RGBImage(decoding: #require(Data(base64Encoded: text ?? "")))
        #expect(image.width == 512 && image.height == 512)
      }
      for mask in masks { #expect((mask["box"] as? [Int])?.count == 4) }
      #expect(
        Set((reply["timing_ms"] as? [String: Double] ?? [:]).keys) == [
          "decode", "preprocess", "forward", "postprocess", "encode",
        ])
    }

    @Test func masksAlone() throws {
      let answer = try service.post("/api/masks?parts=hair,face", try Picture.photograph())
      let masks = try #require(try JSONSerialization.jsonObject(with: answer.body) as? [[String: Any]])
      #expect(Set(masks.compactMap { $0["label"] as? String }) == ["Hair", "Face"])
      let nobody = try service.post("/api/masks?people=2", try Picture.photograph())
      #expect(nobody.text == "[]\n")
    }

    @Test func picturesAndArchives() throws {
      let picture = try Picture.photograph()
      for output in ["", "?output=labels", "?output=color", "?output=overlay", "?output=cutout&parts=hair"] {
        let answer = try service.post("/api/parse" + output, picture, headers: ["Accept: image/png"])
        #expect(answer.headers["content-type"] == "image/png")
        #expect(try RGBImage(decoding: answer.body).width == 512)
      }
      let archive = try service.post("/api/parse", picture, headers: ["Accept: application/zip"])
      #expect(archive.headers["content-type"] == "application/zip")
      for name in [
        "color.png", "labels.png", "cutout.png", "parsing.json", "parts/hair.png", "people/p01.png",
        "masks/p01-hair.png",
      ] {
        #expect(archive.body.range(of: Data(name.utf8)) != nil, "\(name)")
      }
      let few = try service.post("/api/parse?output=people", picture, headers: ["Accept: application/zip"])
      #expect(few.body.range(of: Data("color.png".utf8)) == nil)
    }

    @Test func cutoutsKeepTheAlphaOfThePicture() throws {
      let photo = try RGBImage(decoding: Picture.photograph())
      let half = photo.width / 2
      var pixels: [UInt8] = []
      for pixel in 0..<photo.width * photo.height {
        pixels += photo.pixels[3 * pixel..<3 * pixel + 3]
        pixels.append(pixel % photo.width < half ? 0 : 255)
      }
      let picture = try RGBAImage(width: photo.width, height: photo.height, pixels: pixels).pngData()
      let answer = try service.post("/api/parse?output=cutout", picture, headers: ["Accept: image/png"])
      let cutout = try ImageDecoder.decode(bytes: answer.body)
      let alpha = try #require(cutout.alpha).pixels
      #expect(alpha.indices.allSatisfy { $0 % photo.width >= half || alpha[$0] == 0 })
      #expect(alpha.contains(255))
    }

    /// Pictures whose mattes would take gigabytes are cut out with their masks.
    @Test func largePicturesAreCutOutToo() throws {
      let answer = try service.post(
        "/api/parse?output=cutout&people=1", try Picture.plain(0, width: 4200, height: 3000),
        headers: ["Accept: image/png"])
      #expect(try RGBImage(decoding: answer.body).width == 4200)
    }

    @Test func severalRequestsOnOneConnection() throws {
      let connection = try service.connect()
      for _ in 0..<3 {
        #expect(
          try connection.request("POST /api/masks", headers: ["Content-Type: image/png"], body: Picture.plain()).status
            == 200)
        #expect(try connection.request("GET /api/health").status == 200)
      }
      // Pipelined requests get their responses in order.
      for _ in 0..<3 { connection.sendRequest("GET /api/labels") }
      for _ in 0..<3 { #expect(try connection.answer().status == 200) }
      // Only the last request asks to close the connection.
      for _ in 0..<4 { connection.sendRequest("GET /api/labels") }
      connection.sendRequest("GET /api/labels", headers: ["Connection: close"])
      for _ in 0..<5 { #expect(try connection.answer().status == 200) }
      #expect(connection.isClosedByService())
    }

    /// What followed the head would be taken for the next response.
    @Test func noResponseToHeadHasABody() throws {
      let connection = try service.connect()
      for (path, status) in [("/api/parse", 405), ("/nowhere", 404), ("/api/health", 200), ("/metrics", 200)] {
        #expect(try connection.request("HEAD \(path)").status == status)
      }
      #expect(try connection.request("GET /api/health").json["status"] as? String == "ok")
    }

    @Test func aClientMayWaitToBeAsked() throws {
      let connection = try service.connect()
      let picture = try Picture.plain(7)
      connection.sendRequest(
        "POST /api/masks",
        headers: ["Content-Type: image/png", "Expect: 100-continue", "Content-Length: \(picture.count)"])
      #expect(try connection.answer().status == 100)
      connection.send(picture)
      #expect(try connection.answer().status == 200)
    }

    @Test func statusAndLabels() throws {
      #expect(try service.get("/api/health").json["status"] as? String == "ok")
      #expect(try service.get("/api/ready").json["status"] as? String == "ready")
      let reply = try service.get("/api/labels?palette=lip").json
      #expect(reply["limits"] as? [String: Int] == ["body_bytes": 32 << 20, "pixels": 100_000_000])
      let labels = try #require(reply["labels"] as? [[String: Any]])
      #expect(labels[2]["name"] as? String == "Hair")
      #expect(labels[2]["color"] as? String == "#008000")
      let metrics = try service.get("/metrics")
      #expect(metrics.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
      #expect(metrics.text.contains("m2fp_http_requests_total{path=\"/api/health\",method=\"GET\",status=\"200\"} 1"))
    }

    @Test func thePageStandsAlone() throws {
      var bytes = 0
      for path in ["/", "/style.css", "/page.js", "/viewer.js", "/messages.js", "/icon.svg"] {
        let answer = try service.get(path)
        #expect(answer.status == 200)
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        let policy = answer.headers["content-security-policy"] ?? ""
        #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
        let foreign = answer.text.matches(of: #/\/\/[a-z0-9.]+\.[a-z]+/#).map(\.0).filter { $0 != "//www.w3.org" }
        #expect(foreign.isEmpty, "\(path)")
        bytes += answer.body.count
        let tag = try #require(answer.headers["etag"])
        let again = try service.get(path, headers: ["If-None-Match: \(tag)"])
        #expect(again.status == 304 && again.body.isEmpty)
      }
      #expect(bytes < 60_000)
      let page = try service.get("/").text
      #expect(!page.contains(#/ (style|on[a-z]+)=/#))
      #expect(try service.connect().request("HEAD /").headers["content-length"] == "\(page.utf8.count)")
    }

    @Test func theDescriptionListsEveryPath() throws {
      let description = try service.get("/openapi.yaml").text
      let paths = description.split(separator: "\n").filter { $0.hasPrefix("  /") }.map {
        $0.trimmingCharacters(in: [" ", ":"])
      }
      #expect(
        Set(paths) == [
          "/api/parse", "/api/masks", "/api/labels", "/api/health", "/api/ready", "/metrics", "/openapi.yaml", "/",
        ])
      for path in paths {
        let method = path == "/api/parse" || path == "/api/masks" ? "POST" : "GET"
        #expect(try service.connect().request("DELETE \(path)").headers["allow"]?.hasPrefix(method) == true)
      }
    }

    /// The log describes requests, but not their contents.
    @Test func theLogIsDiscreet() throws {
      _ = try service.post(
        "/api/parse?parts=secret", Data("hush".utf8), headers: ["X-Request-Id: my-id", "Cookie: sweet"])
      _ = try service.get("/private-name?q=secret", headers: ["X-Request-Id: no spaces please"])
      let log = service.log
      #expect(log.contains("\"request_id\":\"my-id\"") && log.contains("\"path\":\"other\""))
      for word in ["secret", "hush", "sweet", "private-name", "no spaces"] { #expect(!log.contains(word)) }
      for line in log.split(separator: "\n") {
        #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
      }
    }
  }
}
