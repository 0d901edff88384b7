import Foundation

/// An HTTP response.
struct Answer {
  let status: Int
  /// Header fields by names in lower case.
  let headers: [String: String]
  let body: Data

  var text: String { String(decoding: body, as: UTF8.self) }
  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body) as? [String: Any]) ?? [:] }
  /// The code of an error; `nil` for other responses.
  var code: String? { json["success"] as? Bool == false ? json["code"] as? String : nil }
}

/// A blocking connection on which a test can send arbitrary bytes.
final class RawConnection {
  enum Failure: Error { case noConnection, closedWithoutAnswer, brokenOff, timedOut, notHTTP }

  private var descriptor: Int32
  private var received = Data()

  /// - Parameter receiveBuffer: Size of the receive buffer of the system.
  init(port: Int, receiveBuffer: Int32? = nil) throws {
    // A program that another test starts meanwhile does not keep the connection open.
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
    // A missing response fails the test instead of blocking it.
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Failure.noConnection }
  }

  deinit { close() }

  /// Closes the connection, which otherwise stays open until its last use.
  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Ends the sending side; responses can still be received.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Receives the next response that is not an informational one.
  func finalAnswer() throws -> Answer {
    while true {
      let answer = try answer()
      if answer.status >= 200 { return answer }
    }
  }

  /// - Returns: Whether the service received all bytes.
  @discardableResult
  func send(_ bytes: Data) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Data(text.utf8)) }

  /// Whether the service closes the connection after everything that it sends.
  func isClosedByService() -> Bool {
    while true {
      switch receive() {
      case .success(true): continue
      case .success(false): return true
      case .failure(let failure): return failure != .timedOut
      }
    }
  }

  /// Receives more bytes; returns false at the end.
  private func receive() -> Result<Bool, Failure> {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    if count < 0 { return .failure(errno == EAGAIN ? .timedOut : .brokenOff) }
    received += bytes[..<count]
    return .success(count > 0)
  }

  /// Receives more bytes of a response.
  private func receiveMore(whereClosed failure: Failure) throws {
    switch receive() {
    case .success(true): return
    case .failure(.timedOut): throw Failure.timedOut
    case .success, .failure: throw failure
    }
  }

  /// Receives the next response.
  ///
  /// - Parameter isHead: Whether the response has no body, despite its `Content-Length`.
  func answer(isHead: Bool = false) throws -> Answer {
    let blank = Data("\r\n\r\n".utf8)
    while received.range(of: blank) == nil {
      try receiveMore(whereClosed: received.isEmpty ? .closedWithoutAnswer : .brokenOff)
    }
    guard let end = received.range(of: blank) else { throw Failure.notHTTP }
    let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count > 1, words[0] == "HTTP/1.1", let status = Int(words[1]) else { throw Failure.notHTTP }
    let headers = Dictionary(
      lines.dropFirst().compactMap { line in
        line.firstIndex(of: ":").map {
          (line[..<$0].lowercased(), line[line.index(after: $0)...].trimmingCharacters(in: .whitespaces))
        }
      }, uniquingKeysWith: { first, _ in first })
    received = Data(received[end.upperBound...])
    if isHead || (100..<200).contains(status) { return Answer(status: status, headers: headers, body: Data()) }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    while received.count < length { try receiveMore(whereClosed: .brokenOff) }
    defer { received = Data(received.dropFirst(length)) }
    return Answer(status: status, headers: headers, body: received.prefix(length))
  }

  func sendRequest(_ line: String, headers: [String] = [], body: Data? = nil) {
    let length = body.map { ["Content-Length: \($0.count)"] } ?? []
    send(
      Data((["\(line) HTTP/1.1", "Host: test"] + headers + length + ["", ""]).joined(separator: "\r\n").utf8)
        + (body ?? Data()))
  }

  func request(_ line: String, headers: [String] = [], body: Data? = nil) throws -> Answer {
    sendRequest(line, headers: headers, body: body)
    return try answer(isHead: line.hasPrefix("HEAD"))
  }
}
