import Foundation
import TestSupport
import Testing

/// Robustness against invalid, slow and excessive requests.
extension ServiceProcessTests {
  @Suite(.timeLimit(.minutes(10))) struct ServiceTrustTests {
    private func small() throws -> ServiceProcess {
      try ServiceProcess(ServiceProcess.narrow + ["--max-body", "1", "--max-megapixels", "1"])
    }

    // MARK: Invalid requests

    @Test(arguments: [
      ("POST /api/parse", "application/json", "{", 400, "bad_request"),
      ("POST /api/parse", "application/json", "{\"image\": \"?\"}", 400, "bad_request"),
      ("POST /api/parse", "multipart/form-data; boundary=b", "--b", 400, "bad_request"),
      ("POST /api/parse", "text/plain", "x", 415, "unsupported_media_type"),
      ("POST /api/parse", "image/png", "", 400, "bad_request"),
      ("POST /api/parse", "image/png", "text that is called a picture", 400, "bad_image"),
      ("POST /api/masks", "image/png", "\u{89}PNG\r\n", 400, "bad_image"),
      ("POST /api/parse?palette=neon", "image/png", "x", 400, "bad_request"),
      ("POST /nowhere", "image/png", "x", 404, "not_found"),
      ("GET /../../etc/passwd", "image/png", "", 404, "not_found"),
      ("GET /%2e%2e/%2e%2e/etc/passwd", "image/png", "", 404, "not_found"),
      ("GET /<script>alert(1)</script>", "image/png", "", 404, "not_found"),
      ("DELETE /api/parse", "image/png", "", 405, "method_not_allowed"),
      ("POST /", "image/png", "", 405, "method_not_allowed"),
      ("BREW /api/parse", "image/png", "", 400, "bad_request"),
    ])
    func nonsenseIsRefused(line: String, type: String, body: String, status: Int, code: String) throws {
      let service = try small()
      let answer = try service.connect().request(line, headers: ["Content-Type: \(type)"], body: Data(body.utf8))
      #expect(answer.status == status)
      #expect(answer.code == code)
      #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
      #expect(!answer.text.contains("script"))
      #expect(try service.get("/api/health").status == 200)
    }

    @Test func whatCannotBeAcceptedIsNotAnswered() throws {
      let service = try small()
      let answer = try service.post("/api/parse", try Picture.plain(), headers: ["Accept: text/html"])
      #expect(answer.status == 406 && answer.code == "not_acceptable")
    }

    /// Otherwise a good picture would be called a damaged one.
    @Test func bodiesThatAreCompressedAreRefused() throws {
      let service = try small()
      let picture = try Picture.plain()
      for encoding in ["gzip", "br", "deflate, gzip"] {
        let answer = try service.post("/api/masks", picture, headers: ["Content-Encoding: \(encoding)"])
        #expect(answer.status == 415 && answer.code == "unsupported_media_type", "\(answer.text)")
        #expect(answer.text.contains("Content-Encoding"), "\(answer.text)")
      }
      #expect(try service.post("/api/masks", picture, headers: ["Content-Encoding: identity"]).status == 200)
      let connection = try service.connect()
      connection.sendRequest(
        "POST /api/masks", headers: ["Content-Type: image/png", "Transfer-Encoding: gzip, chunked"])
      connection.send("\(String(picture.count, radix: 16))\r\n")
      connection.send(picture + Data("\r\n0\r\n\r\n".utf8))
      #expect(try connection.answer().status == 415)
    }

    @Test func aPictureOfTooManyPixelsIsRefused() throws {
      let service = try small()
      // The header of a PNG of 100,000 × 100,000 pixels, and no more.
      let bomb = Data([
        0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 1, 0x86, 0xa0, 0, 1, 0x86,
        0xa0, 8, 2, 0, 0, 0, 0xbd, 0x26, 0x2a, 0x6d,
      ])
      for picture in [bomb, try Picture.plain(0, width: 1100, height: 1000)] {
        let answer = try service.post("/api/parse", picture)
        #expect(answer.status == 413 || answer.code == "bad_image")
      }
    }

    // MARK: Large bodies and headers

    @Test func aBodyThatSaysItIsTooLargeIsNotRead() throws {
      let service = try small()
      let connection = try service.connect()
      let answer = try connection.request(
        "POST /api/parse", headers: ["Content-Type: image/png", "Content-Length: 999999999", "Expect: 100-continue"])
      #expect(answer.status == 413 && answer.code == "too_large")
      #expect(connection.isClosedByService())
    }

    @Test func aBodyInChunksIsReadUpToTheLimit() throws {
      let service = try small()
      let connection = try service.connect()
      connection.sendRequest("POST /api/parse", headers: ["Content-Type: image/png", "Transfer-Encoding: chunked"])
      let chunk = Data("10000\r\n".utf8) + Data(repeating: 0, count: 1 << 16) + Data("\r\n".utf8)
      var chunks = 0
      // The service stops listening some time after its limit of 1 MiB; it does not read a gigabyte.
      while chunks < 1 << 14, connection.send(chunk) { chunks += 1 }
      #expect(chunks < 1 << 14)
      #expect(try service.get("/api/health").status == 200)
    }

    @Test func theRefusalOfALargeBodyCanBeRead() throws {
      let service = try small()
      let connection = try service.connect()
      connection.sendRequest("POST /api/parse", headers: ["Content-Type: image/png", "Transfer-Encoding: chunked"])
      let chunk = Data("10000\r\n".utf8) + Data(repeating: 0, count: 1 << 16) + Data("\r\n".utf8)
      for _ in 0..<20 { connection.send(chunk) }
      #expect(try connection.answer().code == "too_large")
    }

    @Test func headersWithoutEndAreRefused() throws {
      let service = try small()
      for line in ["a: b\r\n", "a: \(String(repeating: "b", count: 1000))\r\n"] {
        let connection = try service.connect()
        connection.send("GET / HTTP/1.1\r\n")
        for _ in 0..<100_000 { if !connection.send(line) { break } }
        let answer = try? connection.answer()
        #expect(answer == nil || answer?.status == 431 && answer?.code == "headers_too_large")
      }
      let connection = try service.connect()
      connection.send("GET / HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 200))
      #expect(try connection.answer().code == "headers_too_large")
      #expect(try service.get("/api/health").status == 200)
    }

    @Test func aPathWithoutEndIsRefused() throws {
      let service = try small()
      let connection = try service.connect()
      connection.send("GET /")
      for _ in 0..<10_000 { if !connection.send(String(repeating: "a", count: 1000)) { break } }
      #expect(connection.isClosedByService())
      #expect(try service.get("/api/health").status == 200)
    }

    @Test(arguments: [
      "\r\n\r\nnonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
      "\u{16}\u{3}\u{1}",
    ])
    func whatIsNotHTTPIsRefused(text: String) throws {
      let service = try small()
      let connection = try service.connect()
      connection.send(text + String(repeating: "\u{0}", count: 100))
      #expect(try connection.answer().code == "bad_request")
      #expect(connection.isClosedByService())
    }

    // MARK: Slow clients

    @Test func slowClientsAreClosedAndStopNobody() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--read-timeout", "4", "--max-connections", "100"])
      let picture = try Picture.plain()
      let slow = try (0..<60).map { _ in try service.connect() }
      for connection in slow[..<20] { connection.send("GET / HTTP/1.1\r\nHost: ") }
      for connection in slow[20..<40] {
        connection.sendRequest("POST /api/parse", headers: ["Content-Type: image/png", "Content-Length: 1000"])
      }
      // The others send nothing at all.
      #expect(try service.post("/api/masks", picture).status == 200)
      for (index, connection) in slow.enumerated() {
        // A byte now and then does not extend the deadline.
        if index < 40 { connection.send("a") }
        #expect(try connection.answer().code == "request_timeout")
        #expect(connection.isClosedByService())
      }
      try service.wait(for: "m2fp_connections_open", toBe: 1)
    }

    @Test func aClientThatDoesNotReadIsClosed() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--write-timeout", "1"])
      // More than the buffers of the system hold, so that the service has accepted the connection when all is sent, or
      // when it has closed the connection.
      let connection = try RawConnection(port: service.port, receiveBuffer: 4096)
      for _ in 0..<200 { connection.sendRequest("GET /page.js") }
      let picture = try Picture.photograph()
      for _ in 0..<40 { connection.sendRequest("POST /api/parse", headers: ["Content-Type: image/png"], body: picture) }
      try service.wait(for: "m2fp_connections_open", toBe: 1)
      try service.wait(for: "m2fp_parses_running", toBe: 0)
      #expect(connection.isClosedByService())
    }

    @Test func tooManyConnectionsAreToldSo() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--max-connections", "4"])
      let held = try (0..<4).map { _ in try service.connect() }
      #expect(try held[3].request("GET /api/health").status == 200)
      let refused = try service.connect()
      let answer = try refused.answer()
      #expect(answer.status == 503 && answer.code == "overloaded" && answer.headers["retry-after"] != nil)
      #expect(refused.isClosedByService())
      #expect(try held[0].request("GET /api/health").status == 200)
    }

    // MARK: Work

    @Test func moreThanTheQueueHoldsIsRefusedAtOnce() throws {
      let service = try ServiceProcess("--queue", "2", "--concurrency", "1", "--threads", "1", "--timeout", "200")
      let answers = concurrentMap(48, threads: 48) { try? service.post("/api/masks", Picture.plain($0)) }.compactMap {
        $0
      }
      #expect(answers.count == 48)
      let refused = answers.filter { $0.status != 200 }
      #expect(refused.allSatisfy { $0.status == 503 && $0.code == "overloaded" && $0.headers["retry-after"] != nil })
      #expect(refused.count > 0 && answers.count - refused.count >= 3)
    }

    @Test func workOfClientsThatLeftIsDropped() throws {
      let service = try ServiceProcess("--concurrency", "1", "--threads", "1", "--queue", "1000", "--timeout", "200")
      let clients = try (0..<64).map { _ in try service.connect() }
      for (index, client) in clients.enumerated() {
        client.sendRequest("POST /api/masks", headers: ["Content-Type: image/png"], body: try Picture.plain(index))
      }
      try service.wait {
        try service.metric("m2fp_queue_waiting") + service.metric("m2fp_parses_done_total") >= clients.count - 1
      }
      for client in clients { client.close() }
      try service.wait(for: "m2fp_queue_waiting", toBe: 0)
      try service.wait(for: "m2fp_parses_running", toBe: 0)
      #expect(try service.metric("m2fp_parses_abandoned_total") > 0)
      #expect(try service.post("/api/masks", try Picture.plain(99)).status == 200)
    }

    @Test func theDeadlineEndsTheWait() throws {
      let service = try ServiceProcess("--concurrency", "1", "--threads", "1", "--queue", "1000", "--timeout", "1")
      let answers = concurrentMap(64, threads: 64) { try? service.post("/api/masks", Picture.plain($0)) }.compactMap {
        $0
      }
      #expect(answers.count == 64)
      let late = answers.filter { $0.status != 200 }
      #expect(late.allSatisfy { $0.status == 503 && $0.code == "timeout" })
      #expect(late.count > 0)
    }

    @Test func theCacheIsBounded() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--cache", "1"])
      for number in 0..<8 {
        _ = try service.post("/api/parse?output=overlay", try Picture.noise(number), headers: ["Accept: image/png"])
        #expect(try service.metric("m2fp_cache_bytes") <= 1 << 20)
      }
      #expect(try service.metric("m2fp_cache_evictions_total") > 0)
    }

    @Test func thousandMixedRequestsLeaveNothingBehind() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--queue", "64"])
      let pictures = try (0..<24).map { try Picture.plain($0) }
      func round(_ count: Int) -> [Int] {
        concurrentMap(count, threads: 16) { index in
          let picture = pictures[index % pictures.count]
          switch index % 5 {
          case 0: return (try? service.post("/api/parse", picture))?.status ?? 0
          case 1: return (try? service.post("/api/parse", picture.prefix(picture.count / 2)))?.status ?? 0
          case 2: return (try? service.post("/api/parse", Data("{".utf8), type: "application/json"))?.status ?? 0
          case 3: return (try? service.get("/nowhere"))?.status ?? 0
          default: return (try? service.post("/api/masks", picture, headers: ["Accept: image/png"]))?.status ?? 0
          }
        }
      }
      let first = round(100)
      let before = service.residentBytes
      let rest = round(900)
      #expect(Set(first + rest) == [200, 400, 404])
      // One more workspace at most.
      #expect(service.residentBytes < before + 64 << 20)
    }

    // MARK: Access

    @Test func theTokenIsAskedForWhereWorkIs() throws {
      let service = try ServiceProcess(ServiceProcess.narrow, environment: ["M2FP_TOKEN": "s3cret\n"])
      for headers in [[], ["Authorization: Bearer wrong"], ["Authorization: Basic s3cret"], ["Authorization: Bearer"]] {
        let answer = try service.post("/api/parse", try Picture.plain(), headers: headers)
        #expect(answer.status == 401 && answer.code == "unauthorized" && answer.headers["www-authenticate"] == "Bearer")
        #expect(try service.get("/metrics", headers: headers).status == 401)
        // Different spellings of the path.
        for path in [
          "/api/masks", "/api/parse/", "//api/parse", "/api//masks?parts=hair", "/api/./parse", "/api/%70arse",
        ] {
          #expect([401, 404].contains(try service.post(path, try Picture.plain(), headers: headers).status))
        }
      }
      #expect(
        try service.post("/api/parse", try Picture.plain(), headers: ["Authorization: Bearer s3cret"]).status == 200)
      for path in ["/", "/api/health", "/api/ready", "/api/labels"] { #expect(try service.get(path).status == 200) }
      #expect(!service.log.contains("s3cret"))
    }

    @Test func itListensOnTheLoopbackInterfaceAlone() throws {
      let service = try small()
      let listening = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n")
        .map { $0.split(separator: " ") }.filter { $0[3] == "0A" }.map { $0[1] }
      let port = String(service.port, radix: 16, uppercase: true)
      #expect(listening.contains("0100007F:\(String(repeating: "0", count: 4 - port.count))\(port)"))
      #expect(!listening.contains("00000000:\(port)"))
    }
  }
}
