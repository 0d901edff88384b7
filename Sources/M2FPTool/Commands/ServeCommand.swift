import ArgumentParser
import Foundation
import Glibc
import HumanParsing
import Logging
import ParserService

/// `m2fp serve`: the HTTP service and its page.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve a page and an API that parse pictures.",
    discussion: """
      Open the page that it names, or POST pictures to /api/parse. It listens on the loopback interface unless --host \
      says otherwise. SIGTERM and SIGINT stop it once what was accepted is answered. If the environment holds \
      M2FP_TOKEN, clients have to send it as a bearer token.
      """)

  @Option(help: "Address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "Port to listen on; 0 takes any that is free.")
  var port = 7860

  @OptionGroup var parser: ParserOptions
  @OptionGroup var limits: ServiceLimitOptions

  @Option(
    help: ArgumentHelp(
      "File that holds the bearer token clients have to send; M2FP_TOKEN if absent.", valueName: "file"))
  var tokenFile: String?

  @Option(help: "Least severe messages in the log: debug, info, notice, warning, error.")
  var logLevel: Logger.Level = .info

  func validate() throws {
    guard (0...65535).contains(port) else {
      throw ValidationError("--port: expected 0 to 65535, found \(port)")
    }
  }

  func run() async throws {
    let reason: ExitReason
    do throws(Failure) {
      try await serve()
      reason = .success
    } catch {
      notes.error("\(error.message)")
      reason = error.status
    }
    if reason != .success { throw ExitCode(reason.rawValue) }
  }

  private func serve() async throws(Failure) {
    var configuration = ServiceConfiguration()
    configuration.host = host
    configuration.port = port
    configuration.token = try token()
    configuration.limits = limits.limits(images: parser.imageLimits)
    let parser = try parser.makeParser()
    var logger = Logger(label: "m2fp.serve", factory: { _ in LineLogHandler() })
    logger.logLevel = logLevel
    let service: ParserService
    do {
      service = try ParserService(
        parser: parser, configuration: configuration, version: Version.current, logger: logger)
    } catch { throw Failure(.noInput, "\(error)") }
    do {
      let host = host
      try await service.run { [logger] port in
        logger.notice(
          "listening", metadata: ["url": "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/"])
      }
    } catch { throw Failure(.inputOutput, "\(host):\(port): expected an address to listen on: \(error)") }
  }

  /// The token of the file or of the environment. An empty one is no token, but most likely a mistake.
  private func token() throws(Failure) -> String? {
    let text: String
    if let tokenFile {
      do { text = try String(contentsOf: URL(filePath: tokenFile), encoding: .utf8) } catch {
        throw Failure(.noInput, "\(tokenFile): expected a file that holds a token, which cannot be read")
      }
    } else if let variable = ProcessInfo.processInfo.environment["M2FP_TOKEN"] {
      text = variable
    } else {
      return nil
    }
    let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !token.isEmpty else {
      throw Failure(.usage, "\(tokenFile ?? "M2FP_TOKEN"): expected a token, found nothing")
    }
    return token
  }
}
