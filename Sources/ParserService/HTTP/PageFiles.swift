import Digests
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platform

/// The files of the page and the description of the API, read once and kept in memory. No path in the file system depends
/// on a request.
package struct PageFiles: Sendable {
  struct File: Sendable {
    let bytes: ByteBuffer
    let contentType: String
    /// Strong entity tag: a hash of the bytes.
    let tag: String
  }

  /// What is served under which path.
  static let names: [(path: String, name: String, contentType: String)] = [
    ("/", "index.html", "text/html; charset=utf-8"),
    ("/style.css", "style.css", "text/css; charset=utf-8"),
    ("/page.js", "page.js", "text/javascript; charset=utf-8"),
    ("/viewer.js", "viewer.js", "text/javascript; charset=utf-8"),
    ("/messages.js", "messages.js", "text/javascript; charset=utf-8"),
    ("/icon.svg", "icon.svg", "image/svg+xml"),
    ("/openapi.yaml", "openapi.yaml", "application/yaml"),
  ]

  let files: [String: File]

  /// - Throws: `MissingFile`.
  package init() throws {
    let folder = ResourceFolder.url(ofTarget: "ParserService").appending(path: "Page")
    var files: [String: File] = [:]
    for (path, name, contentType) in Self.names {
      let url = folder.appending(path: name)
      guard let data = try? Data(contentsOf: url) else { throw MissingFile(path: url.path) }
      let digest = SHA256Digest(of: data).hexadecimal(prefix: 16)
      files[path] = File(bytes: ByteBuffer(bytes: data), contentType: contentType, tag: "\"\(digest)\"")
    }
    self.files = files
  }

  /// A file of the page is missing.
  package struct MissingFile: Error, CustomStringConvertible {
    let path: String
    package var description: String { "a file of the service's page is not beside the program: expected \(path)" }
  }

  /// Size of the page in bytes.
  package var byteCount: Int {
    files.filter { $0.key != "/openapi.yaml" }.values.reduce(0) { $0 + $1.bytes.readableBytes }
  }

  func response(for path: String, to request: Request) throws -> Response {
    guard let file = files[path] else { throw ServiceError(.notFound, "there is no such path") }
    var headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
    let known = request.headers[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }
      .map { $0.drop(while: \.isWhitespace) }
    if known.contains(where: { $0 == file.tag || $0 == "W/\(file.tag)" || $0 == "*" }) {
      return Response(status: .notModified, headers: headers)
    }
    headers[.contentType] = file.contentType
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
  }
}
