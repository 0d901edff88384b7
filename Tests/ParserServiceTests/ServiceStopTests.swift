import Foundation
import TestSupport
import Testing

/// Start and graceful shutdown.
extension ServiceProcessTests {
  @Suite(.timeLimit(.minutes(10))) struct ServiceStopTests {
    @Test func itIsNotReadyButAliveUntilItIsGone() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--drain", "60", "--shutdown-timeout", "60"])
      let idle = try service.connect()
      #expect(try idle.request("GET /api/ready").status == 200)
      service.terminate()
      try service.wait { try service.get("/api/ready").status != 200 }
      let answer = try service.get("/api/ready")
      #expect(answer.status == 503 && answer.code == "not_ready")
      #expect(try service.get("/api/health").status == 200)
      #expect(try service.post("/api/masks", try Picture.plain()).status == 200)
      // Every response is the last one on its connection.
      #expect(try idle.request("GET /api/health").headers["connection"] == "close")
      #expect(idle.isClosedByService())
    }

    @Test func nothingThatWasAcceptedIsLost() throws {
      // A slow machine needs its time for them.
      let service = try ServiceProcess(
        "--queue", "1000", "--concurrency", "1", "--drain", "0", "--timeout", "200", "--shutdown-timeout", "200")
      // All requests are sent before the signal.
      let clients = try (0..<12).map { _ in try service.connect() }
      for (index, client) in clients.enumerated() {
        client.sendRequest("POST /api/masks", headers: ["Content-Type: image/png"], body: try Picture.plain(index))
      }
      try service.wait { try service.metric("m2fp_queue_waiting") + service.metric("m2fp_parses_done_total") >= 11 }
      service.terminate()
      // All of them get a response, in any order.
      #expect(try clients.map { try $0.answer().status } == Array(repeating: 200, count: 12))
      #expect(service.exitStatus() == 0)
    }

    /// Clients that continue to send requests, each on a new connection, get a response or cannot connect. The system
    /// resets a connection that is still in its queue when the service stops listening: such a client has received
    /// nothing, and its next attempt cannot connect. `nothingThatWasAcceptedIsLost` holds for all others.
    @Test func aStopUnderLoadBreaksNothingOff() throws {
      let service = try ServiceProcess(
        ServiceProcess.narrow + ["--queue", "1000", "--timeout", "200", "--shutdown-timeout", "200"])
      let broken = concurrentMap(17, threads: 17) { thread -> [String] in
        if thread == 16 {
          usleep(500_000)
          service.terminate()
          return []
        }
        var broken: [String] = []
        for number in 0... {
          do {
            let answer = try service.post("/api/masks", Picture.plain(number % 40 * 17 + thread))
            if answer.status != 200 { broken.append("\(answer.status)") }
          } catch RawConnection.Failure.noConnection {
            break
          } catch RawConnection.Failure.closedWithoutAnswer where !service.isListening {
            break
          } catch {
            broken.append("\(error)")
          }
        }
        return broken
      }
      #expect(broken.flatMap { $0 } == [])
      #expect(service.exitStatus() == 0)
    }

    @Test func itEndsThoughClientsDoNot() throws {
      let service = try ServiceProcess(ServiceProcess.narrow + ["--drain", "0", "--shutdown-timeout", "1"])
      let slow = try service.connect()
      slow.sendRequest("POST /api/parse", headers: ["Content-Type: image/png", "Content-Length: 1000"])
      try service.wait { try service.metric("m2fp_connections_open") >= 2 }
      service.terminate()
      #expect(service.exitStatus() == 0)
      #expect(slow.isClosedByService())
    }

    @Test(
      arguments: [
        (["-m", "/nonexistent.safetensors"], 66), (["-m", "/dev/null"], 66), (["-m", "/etc/hostname"], 65),
        (["--port", "70000"], 64), (["--host", "203.0.113.1"], 74), (["--queue", "0"], 64),
        (["--token-file", "/nonexistent"], 66), (["--token-file", "/"], 66),
      ] as [([String], Int32)])
    func whatCannotWorkIsNeverServed(arguments: [String], status: Int32) throws {
      let error = #expect(throws: ServiceProcess.NotListening.self) { try ServiceProcess(arguments) }
      #expect(error?.status == status, "\(error?.log ?? "")")
    }

    @Test func aPortThatIsTakenIsAnError() throws {
      let first = try ServiceProcess(ServiceProcess.narrow)
      let error = #expect(throws: ServiceProcess.NotListening.self) { try ServiceProcess(["--port", "\(first.port)"]) }
      #expect(error?.status == 74)
    }
  }
}
