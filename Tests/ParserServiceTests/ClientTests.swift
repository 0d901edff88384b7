import Foundation
import TestSupport
import Testing

/// HTTP as clients of all kinds speak it.
extension ServiceProcessTests {
  @Suite(.timeLimit(.minutes(10))) struct ClientTests {
    /// As curl and Java's `HttpClient` do it. The offer is declined, and the connection is not left open and deaf.
    @Test func anOfferOfHTTP2IsDeclined() throws {
      let service = try ServiceProcess()
      let offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"]
      for body in [nil, try Picture.plain()] {
        let connection = try service.connect()
        let line = body == nil ? "GET /api/health" : "POST /api/masks"
        let answer = try connection.request(line, headers: offer + ["Content-Type: image/png"], body: body)
        #expect(answer.status == 200)
        #expect(answer.headers["connection"] == "close")
        #expect(connection.isClosedByService())
      }
    }

    @Test(arguments: [
      "GET /api/health HTTP/1.0\r\n\r\n", "GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: TE, close\r\n\r\n",
      "GET /api/health HTTP/1.1\r\nHost: x\r\nconnection: keep-alive\r\nConnection:CLOSE\r\n\r\n",
    ])
    func theConnectionIsClosedForWhoAsks(text: String) throws {
      let service = try ServiceProcess()
      let connection = try service.connect()
      connection.send(text)
      #expect(try connection.answer().status == 200)
      #expect(connection.isClosedByService())
      #expect(try service.get("/api/health").status == 200)
    }

    /// RFC 9112, section 3.2.
    @Test(arguments: [
      "GET /api/health HTTP/1.1\r\n\r\n", "GET /api/health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
      "GET /api/health HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n",
      "POST /api/parse HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
    ])
    func aRequestHasOneHost(text: String) throws {
      let service = try ServiceProcess()
      let connection = try service.connect()
      connection.send(text)
      let answer = try connection.answer()
      #expect(answer.status == 400 && answer.code == "bad_request")
      #expect(answer.text.contains("Host: expected one field"), "\(answer.text)")
      #expect(connection.isClosedByService())
      #expect(try service.get("/api/health").status == 200)
    }

    /// Informational responses came with HTTP/1.1.
    @Test func aClientOfHTTP10IsNotToldToContinue() throws {
      let service = try ServiceProcess()
      let connection = try service.connect()
      let picture = try Picture.plain()
      connection.send(
        "POST /api/masks HTTP/1.0\r\nContent-Type: image/png\r\nExpect: 100-continue\r\nContent-Length: \(picture.count)\r\n\r\n"
      )
      connection.send(picture)
      #expect(try connection.answer().status == 200)
    }

    @Test func aRequestBeforeAHalfCloseIsAnswered() throws {
      let service = try ServiceProcess()
      let picture = try Picture.plain()
      for _ in 0..<3 {
        let connection = try service.connect()
        connection.sendRequest("POST /api/masks", headers: ["Content-Type: image/png"], body: picture)
        connection.sendRequest("GET /api/health")
        connection.endSending()
        for _ in 0..<2 { #expect(try connection.finalAnswer().status == 200) }
        #expect(connection.isClosedByService())
      }
      let incomplete = try service.connect()
      incomplete.sendRequest("POST /api/masks", headers: ["Content-Type: image/png", "Content-Length: 100"])
      incomplete.endSending()
      #expect(incomplete.isClosedByService())
      try service.wait(for: "m2fp_connections_open", toBe: 1)
    }

    @Test func aSlowButSteadyUploadIsRead() throws {
      // A client that stands still for two seconds, as on a busy machine, is fast enough all the same.
      let service = try ServiceProcess("--read-timeout", "3")
      let connection = try service.connect()
      let picture = try Picture.plain() + Data(count: 24_000)
      connection.sendRequest(
        "POST /api/masks", headers: ["Content-Type: image/png", "Content-Length: \(picture.count)"])
      var rest = picture[...]
      while !rest.isEmpty {
        connection.send(Data(rest.prefix(1000)))
        rest = rest.dropFirst(1000)
        usleep(200_000)
      }
      #expect(try connection.answer().status == 200)
    }

    @Test func countersNeverFallWhileTheyAreRead() throws {
      let service = try ServiceProcess()
      for number in 0..<3 { _ = try service.post("/api/masks", try Picture.plain(number)) }
      let least = concurrentMap(200, threads: 8) { _ in try? service.metric("m2fp_parses_done_total") }
      #expect(least.allSatisfy { $0 == 3 }, "\(least)")
    }
  }
}
